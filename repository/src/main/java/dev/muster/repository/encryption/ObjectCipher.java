package dev.muster.repository.encryption;

import dev.muster.repository.encryption.SegmentCipher.ObjectSecret;
import java.nio.ByteBuffer;
import javax.crypto.spec.SecretKeySpec;

/** Derives an object's own key from the master key, as Tink's AesGcmHkdfStreaming does. */
final class ObjectCipher {
    private ObjectCipher() {}

    /** @param header the {@link SegmentCipher#HEADER} bytes: length, salt, nonce prefix */
    static ObjectSecret derive(MasterKey master, byte[] associatedData, byte[] header) {
        byte[] salt = new byte[SegmentCipher.SALT];
        byte[] prefix = new byte[SegmentCipher.NONCE_PREFIX];
        ByteBuffer.wrap(header, 1, SegmentCipher.HEADER - 1).get(salt).get(prefix);
        byte[] key = Hkdf.derive(master.secret().bytes(), salt, associatedData, Secret.LENGTH);
        return new ObjectSecret(
                new SecretKeySpec(key, "AES"), ByteBuffer.wrap(prefix).asReadOnlyBuffer());
    }
}
