package dev.muster.repository.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.encryption.Hkdf;
import dev.muster.repository.encryption.Secret;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Wraps a master key with 32 secret bytes: AES-256-GCM under a key derived for this one slot. */
final class SlotCipher {
    static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final HexFormat HEX = HexFormat.of();

    private SlotCipher() {}

    /** Adds {@code salt}, {@code nonce} and {@code wrapped}. */
    static void wrap(ObjectNode fields, Secret with, Secret secret, SlotBinding binding) {
        byte[] salt = random(Secret.LENGTH);
        byte[] nonce = random(NONCE);
        byte[] wrapped = encrypt(derived(with, salt, binding), nonce, secret.bytes(), binding.bytes());
        fields.put("salt", HEX.formatHex(salt))
                .put("nonce", HEX.formatHex(nonce))
                .put("wrapped", HEX.formatHex(wrapped));
    }

    /** @return empty if this is not what was wrapped with that secret for that slot */
    static Optional<Secret> unwrap(ObjectNode fields, Secret with, SlotBinding binding) {
        try {
            byte[] salt = HEX.parseHex(fields.path("salt").asText());
            byte[] nonce = HEX.parseHex(fields.path("nonce").asText());
            byte[] wrapped = HEX.parseHex(fields.path("wrapped").asText());
            if (nonce.length != NONCE) {
                return Optional.empty();
            }
            return decrypt(derived(with, salt, binding), nonce, wrapped, binding.bytes())
                    .map(Secret::new);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static byte[] encrypt(byte[] key, byte[] nonce, byte[] plain, byte[] associatedData) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, key, nonce, associatedData).doFinal(plain);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Wrapping a key failed", e);
        }
    }

    /** @return empty if it is not what was encrypted with these */
    static Optional<byte[]> decrypt(byte[] key, byte[] nonce, byte[] encrypted, byte[] associatedData) {
        try {
            return Optional.of(
                    cipher(Cipher.DECRYPT_MODE, key, nonce, associatedData).doFinal(encrypted));
        } catch (AEADBadTagException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Unwrapping a key failed", e);
        }
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    private static byte[] derived(Secret with, byte[] salt, SlotBinding binding) {
        return Hkdf.derive(with.bytes(), salt, binding.bytes(), Secret.LENGTH);
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce, byte[] associatedData)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(associatedData);
        return cipher;
    }
}
