package dev.muster.repository.frames;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import dev.muster.repository.RepositoryException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Turns raw bytes into the stored bytes of a frame: hash, compress, and decompress again to be sure, before anything
 * is written. Holds its contexts and buffers for the next frame. For one thread.
 */
public final class FrameEncoder implements AutoCloseable {
    private final ZstdCompressCtx compressor = new ZstdCompressCtx();
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
    private final MessageDigest sha256 = Sha256.instance();
    private final byte[] compressed = new byte[(int) Zstd.compressBound(Frame.MAX_RAW)];
    private final byte[] check = new byte[Frame.MAX_RAW];
    private byte[] bytes = compressed;
    private int from;

    /** @param level of zstd, 1 to 19 */
    public FrameEncoder(int level) {
        compressor.setLevel(level);
    }

    /**
     * Encodes one frame; its stored bytes are {@link #bytes()} from {@link #from()} until the next call.
     *
     * @param offset where the frame will stand in its object
     */
    Frame encode(long offset, byte[] raw, int rawFrom, int length) {
        sha256.update(raw, rawFrom, length);
        ContentHash hash = ContentHash.of(sha256.digest());
        int size = compressor.compressByteArray(compressed, 0, compressed.length, raw, rawFrom, length);
        if (size >= length) {
            bytes = raw;
            from = rawFrom;
            return new Frame(offset, length, Codec.STORED, length, hash);
        }
        int back = decompressor.decompressByteArray(check, 0, length, compressed, 0, size);
        if (back != length || !Arrays.equals(check, 0, length, raw, rawFrom, rawFrom + length)) {
            throw new RepositoryException(
                    "COMPRESSION_FAILED",
                    "A frame of " + length + " bytes did not come back from zstd as it went in.",
                    "Nothing of it was stored. Check this machine's memory; take it out of service if it happens"
                            + " again.");
        }
        bytes = compressed;
        from = 0;
        return new Frame(offset, size, Codec.ZSTD, length, hash);
    }

    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    @Override
    public void close() {
        compressor.close();
        decompressor.close();
    }
}
