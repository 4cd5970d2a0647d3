package dev.muster.repository.encryption;

import dev.muster.repository.frames.Sha256;
import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.AEADBadTagException;

/**
 * Lets the JVM use the processor's own instructions for AES-GCM and SHA-256 before the first object comes. It does so only
 * in code that was called some thousand times; segments of 64 KiB come too rarely, and so the first hundreds of megabytes
 * were encrypted at 100 MB/s instead of 5,000: most of a short backup's CPU time. Many tiny calls do the same within a
 * tenth of a second.
 */
public final class WarmUp {
    private static final int CALLS = 20_000;
    private static final int BYTES = 256;

    private static final AtomicBoolean ENCRYPTION = new AtomicBoolean();
    private static final AtomicBoolean DECRYPTION = new AtomicBoolean();

    private WarmUp() {}

    /** Before the first object is written; once for the process, and nobody waits for another who does it. */
    public static void encryption() {
        if (ENCRYPTION.compareAndSet(false, true)) {
            SegmentCipher cipher = new SegmentCipher();
            SegmentCipher.ObjectSecret secret = secret();
            byte[] plain = new byte[BYTES];
            byte[] encrypted = new byte[BYTES + SegmentCipher.TAG];
            for (int call = 0; call < CALLS; call++) {
                cipher.encrypt(secret, call, false, plain, 0, plain.length, encrypted, 0);
            }
            hashing();
        }
    }

    /** Before the first object is read. */
    public static void decryption() {
        if (DECRYPTION.compareAndSet(false, true)) {
            SegmentCipher cipher = new SegmentCipher();
            SegmentCipher.ObjectSecret secret = secret();
            byte[] plain = new byte[BYTES];
            byte[] encrypted = new byte[BYTES + SegmentCipher.TAG];
            cipher.encrypt(secret, 0, false, plain, 0, plain.length, encrypted, 0);
            try {
                for (int call = 0; call < CALLS; call++) {
                    cipher.decrypt(secret, 0, false, encrypted, 0, encrypted.length, plain, 0);
                }
            } catch (AEADBadTagException e) {
                throw new IllegalStateException("This Java runtime does not decrypt what it encrypted", e);
            }
            hashing();
        }
    }

    private static SegmentCipher.ObjectSecret secret() {
        MasterKey master = new MasterKey("0".repeat(32), Secret.random());
        return ObjectCipher.derive(master, new byte[0], new byte[SegmentCipher.HEADER]);
    }

    private static void hashing() {
        MessageDigest digest = Sha256.instance();
        byte[] bytes = new byte[BYTES];
        for (int call = 0; call < CALLS; call++) {
            digest.update(bytes);
            digest.digest();
        }
    }
}
