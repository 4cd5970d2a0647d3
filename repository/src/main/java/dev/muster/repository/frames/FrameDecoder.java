package dev.muster.repository.frames;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.EncryptedObject;
import java.security.MessageDigest;

/** Turns stored frames back into raw bytes and checks their hash. Holds its context and buffer. For one thread. */
public final class FrameDecoder implements AutoCloseable {
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
    private final MessageDigest sha256 = Sha256.instance();
    private byte[] stored = new byte[Frame.MAX_RAW];

    /** Reads and decodes one frame. */
    public void decode(EncryptedObject object, Frame frame, byte[] out, int outOffset) {
        if (frame.codec() == Codec.STORED) {
            object.read(frame.offset(), out, outOffset, frame.rawLength());
        } else {
            object.read(frame.offset(), stored, 0, frame.storedLength());
            decompress(object.key(), frame, stored, 0, out, outOffset);
        }
        check(object.key(), frame, out, outOffset);
    }

    /** Decodes a frame whose stored bytes are at hand. */
    public void decode(String key, Frame frame, byte[] bytes, int offset, byte[] out, int outOffset) {
        if (frame.codec() == Codec.STORED) {
            System.arraycopy(bytes, offset, out, outOffset, frame.rawLength());
        } else {
            decompress(key, frame, bytes, offset, out, outOffset);
        }
        check(key, frame, out, outOffset);
    }

    private void decompress(String key, Frame frame, byte[] bytes, int offset, byte[] out, int outOffset) {
        int length;
        try {
            length = decompressor.decompressByteArray(
                    out, outOffset, frame.rawLength(), bytes, offset, frame.storedLength());
        } catch (ZstdException e) {
            throw Damage.of(key, "the frame at " + frame.offset() + " does not decompress", e);
        }
        if (length != frame.rawLength()) {
            throw Damage.of(
                    key, "the frame at " + frame.offset() + " has " + length + " bytes, not " + frame.rawLength());
        }
    }

    private void check(String key, Frame frame, byte[] out, int outOffset) {
        sha256.update(out, outOffset, frame.rawLength());
        if (!ContentHash.of(sha256.digest()).equals(frame.hash())) {
            throw Damage.of(key, "the frame at " + frame.offset() + " does not have the SHA-256 " + frame.hash());
        }
    }

    @Override
    public void close() {
        decompressor.close();
    }
}
