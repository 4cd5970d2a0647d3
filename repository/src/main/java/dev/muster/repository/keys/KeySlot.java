package dev.muster.repository.keys;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.muster.repository.encryption.MasterKey;
import dev.muster.repository.encryption.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A master key, wrapped, as {@code keys/<kid>/<slot>} holds it. Binary fields are hexadecimal.
 *
 * @param scope the source that the key is for, or absent for all
 * @param keyFile id of the key file that unwraps it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"format", "version", "kid", "method", "scope", "created", "keyFile", "salt", "nonce"})
record KeySlot(
        String format,
        int version,
        String kid,
        String method,
        @Nullable String scope,
        String created,
        String keyFile,
        String salt,
        String nonce,
        String wrapped) {
    static final String FORMAT = "muster-key";
    static final int VERSION = 1;
    static final String KEY_FILE = "key-file";
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    KeySlot {
        for (Object field : Arrays.asList(format, kid, method, created, keyFile, salt, nonce, wrapped)) {
            if (field == null) {
                throw new IllegalArgumentException("a field is missing");
            }
        }
    }

    static KeySlot wrap(MasterKey master, @Nullable String scope, KeyFile file, String created, RepositoryIdentity id) {
        SecureRandom random = new SecureRandom();
        byte[] salt = new byte[Secret.LENGTH];
        byte[] nonce = new byte[NONCE];
        random.nextBytes(salt);
        random.nextBytes(nonce);
        HexFormat hex = HexFormat.of();
        KeySlot unwrapped = new KeySlot(
                FORMAT,
                VERSION,
                master.kid(),
                KEY_FILE,
                scope,
                created,
                file.id(),
                hex.formatHex(salt),
                hex.formatHex(nonce),
                "");
        try {
            byte[] wrapped = unwrapped
                    .cipher(Cipher.ENCRYPT_MODE, file, id)
                    .doFinal(master.secret().bytes());
            return unwrapped.with(hex.formatHex(wrapped));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Wrapping a key failed", e);
        }
    }

    /** @return empty if this is not what was wrapped with that key file for that repository */
    Optional<MasterKey> unwrap(KeyFile file, RepositoryIdentity id) {
        try {
            byte[] secret =
                    cipher(Cipher.DECRYPT_MODE, file, id).doFinal(HexFormat.of().parseHex(wrapped));
            return Optional.of(new MasterKey(kid, new Secret(secret)));
        } catch (AEADBadTagException | IllegalArgumentException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Unwrapping a key failed", e);
        }
    }

    private KeySlot with(String wrappedKey) {
        return new KeySlot(format, version, kid, method, scope, created, keyFile, salt, nonce, wrappedKey);
    }

    private Cipher cipher(int mode, KeyFile file, RepositoryIdentity id) throws GeneralSecurityException {
        byte[] associatedData = String.join(
                        "\n",
                        "muster-key-slot",
                        "1",
                        id.id(),
                        id.hash().toString(),
                        kid,
                        method,
                        scope == null ? "" : scope,
                        created)
                .getBytes(StandardCharsets.UTF_8);
        byte[] key = file.wrappingKey(HexFormat.of().parseHex(salt), associatedData);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        GCMParameterSpec parameters =
                new GCMParameterSpec(TAG_BITS, HexFormat.of().parseHex(nonce));
        cipher.init(mode, new SecretKeySpec(key, "AES"), parameters);
        cipher.updateAAD(associatedData);
        return cipher;
    }
}
