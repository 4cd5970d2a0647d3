package dev.muster.repository.encryption;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM over the segments of Tink's streaming construction, with one Cipher for many calls. For one thread.
 * CipherOutputStream and CipherInputStream are not used: they swallow a bad tag.
 */
public final class SegmentCipher {
    /** Of ciphertext, in bytes; the first segment of an object is shorter by {@link #HEADER}. */
    static final int SEGMENT = 64 << 10;

    static final int TAG = 16;

    /** One byte length of the header, 32 bytes salt, 7 bytes nonce prefix. */
    static final int HEADER = 40;

    static final int SALT = 32;
    static final int NONCE_PREFIX = 7;
    private static final int NONCE = 12;

    private final Cipher cipher;
    private final byte[] nonce = new byte[NONCE];

    public SegmentCipher() {
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
            throw new IllegalStateException("This Java runtime lacks AES/GCM/NoPadding", e);
        }
    }

    /** @return how many bytes of ciphertext were put at {@code outOffset}: {@code length + TAG} */
    int encrypt(
            ObjectSecret secret,
            long segment,
            boolean last,
            byte[] in,
            int offset,
            int length,
            byte[] out,
            int outOffset) {
        try {
            start(Cipher.ENCRYPT_MODE, secret, segment, last);
            return cipher.doFinal(in, offset, length, out, outOffset);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Encryption failed", e);
        }
    }

    /**
     * @return how many bytes of plaintext were put at {@code outOffset}
     * @throws AEADBadTagException if this is not that segment under that key
     */
    int decrypt(
            ObjectSecret secret,
            long segment,
            boolean last,
            byte[] in,
            int offset,
            int length,
            byte[] out,
            int outOffset)
            throws AEADBadTagException {
        try {
            start(Cipher.DECRYPT_MODE, secret, segment, last);
            return cipher.doFinal(in, offset, length, out, outOffset);
        } catch (AEADBadTagException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Decryption failed", e);
        }
    }

    private void start(int mode, ObjectSecret secret, long segment, boolean last) throws GeneralSecurityException {
        if (segment < 0 || segment > 0xFFFFFFFFL) {
            throw new IllegalArgumentException("An object has at most 2^32 segments, this would be " + segment);
        }
        ByteBuffer.wrap(nonce).put(secret.noncePrefix()).putInt((int) segment).put((byte) (last ? 1 : 0));
        cipher.init(mode, secret.key(), new GCMParameterSpec(TAG * 8, nonce));
    }

    /** What one object's segments are encrypted with. */
    record ObjectSecret(SecretKey key, ByteBuffer prefix) {
        ByteBuffer noncePrefix() {
            return prefix.duplicate();
        }
    }
}
