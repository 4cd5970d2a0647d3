package dev.muster.repository.keys;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Hkdf;
import dev.muster.repository.encryption.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A key service without a service, for tests and small sites: its key is a file, which is read for every call, so that
 * taking the file away (a USB stick, a mount) denies the key to whoever opens a repository afterwards.
 */
public final class LocalKms implements KeyManagement {
    private static final String TAG = "MUSTER-KMS-1";

    private final Path path;

    public LocalKms(Path path) {
        this.path = path;
    }

    /** @throws RepositoryException KEY_FILE_EXISTS, KEY_FILE_UNWRITABLE */
    public static LocalKms generate(Path path) {
        SecretFile.write(path, TAG, Secret.random());
        return new LocalKms(path);
    }

    @Override
    public String method() {
        return "local-kms";
    }

    @Override
    public String key() {
        return id(secret());
    }

    @Override
    public String description() {
        return "local key service " + path;
    }

    @Override
    public List<Path> files() {
        return List.of(path);
    }

    @Override
    public boolean isKey(String name) {
        return key().equals(name);
    }

    @Override
    public byte[] encrypt(byte[] plain, Map<String, String> context) {
        byte[] nonce = SlotCipher.random(SlotCipher.NONCE);
        byte[] encrypted = SlotCipher.encrypt(wrapping(), nonce, plain, bytes(context));
        byte[] all = Arrays.copyOf(nonce, nonce.length + encrypted.length);
        System.arraycopy(encrypted, 0, all, nonce.length, encrypted.length);
        return all;
    }

    @Override
    public Optional<byte[]> decrypt(byte[] encrypted, Map<String, String> context) {
        if (encrypted.length < SlotCipher.NONCE) {
            return Optional.empty();
        }
        byte[] nonce = Arrays.copyOf(encrypted, SlotCipher.NONCE);
        byte[] rest = Arrays.copyOfRange(encrypted, SlotCipher.NONCE, encrypted.length);
        return SlotCipher.decrypt(wrapping(), nonce, rest, bytes(context));
    }

    private byte[] wrapping() {
        return Hkdf.derive(secret().bytes(), new byte[0], ascii("muster-kms-wrapping\n1"), Secret.LENGTH);
    }

    private static String id(Secret secret) {
        return HexFormat.of().formatHex(Hkdf.derive(secret.bytes(), new byte[0], ascii("muster-kms-id\n1"), 8));
    }

    private Secret secret() {
        String text;
        try {
            text = SecretFile.text(path);
        } catch (RepositoryException e) {
            throw new RepositoryException(
                    "KMS_UNREACHABLE",
                    "The key of the local key service is not at " + path + ": " + e.getMessage(),
                    "Mount what it lies on, let this user read it, or open the repository with another key.",
                    e);
        }
        return SecretFile.parse(SecretFile.withoutMark(text), TAG).orElseThrow(() -> SecretFile.damaged(path, TAG));
    }

    private static byte[] bytes(Map<String, String> context) {
        StringBuilder text = new StringBuilder("muster-kms-context\n1");
        new TreeMap<>(context)
                .forEach((name, value) ->
                        text.append('\n').append(name).append('=').append(value));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
