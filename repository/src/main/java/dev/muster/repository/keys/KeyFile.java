package dev.muster.repository.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Hkdf;
import dev.muster.repository.encryption.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A file outside of the store that opens a repository's keys: one line, {@code MUSTER-KEY-1 <64 hex> <16 hex checksum>},
 * or the same key as {@link OfflineKey} prints it. Whoever has it and the store can read every backup; without it
 * nobody can.
 */
public final class KeyFile extends WrappingKey {
    static final String METHOD = "key-file";
    private static final String TAG = "MUSTER-KEY-1";

    private final Path path;
    private final Secret secret;

    private KeyFile(Path path, Secret secret) {
        this.path = path;
        this.secret = secret;
    }

    /**
     * Writes a new key file, readable by its owner only.
     *
     * @throws RepositoryException KEY_FILE_EXISTS (it is never overwritten), KEY_FILE_UNWRITABLE
     */
    public static KeyFile generate(Path path) {
        Secret secret = Secret.random();
        SecretFile.write(path, TAG, secret);
        return new KeyFile(path, secret);
    }

    /** @throws RepositoryException KEY_FILE_MISSING, KEY_FILE_UNREADABLE, KEY_FILE_DAMAGED, KEY_FILE_MISTYPED */
    public static KeyFile read(Path path) {
        String text = SecretFile.withoutMark(SecretFile.text(path));
        if (OfflineKey.looksLike(text)) {
            return new KeyFile(path, OfflineKey.parse(path, text));
        }
        return new KeyFile(path, SecretFile.parse(text, TAG).orElseThrow(() -> SecretFile.damaged(path, TAG)));
    }

    public Path path() {
        return path;
    }

    /** Tells key files apart without telling the key: 16 lower-case hexadecimal digits. */
    public String id() {
        return id(secret);
    }

    static String id(Secret secret) {
        byte[] info = "muster-key-file-id\n1".getBytes(StandardCharsets.US_ASCII);
        return HexFormat.of().formatHex(Hkdf.derive(secret.bytes(), new byte[0], info, 8));
    }

    Secret secret() {
        return secret;
    }

    @Override
    public String method() {
        return METHOD;
    }

    @Override
    public String description() {
        return "key file " + path + " (id " + id() + ")";
    }

    @Override
    public List<Path> files() {
        return List.of(path);
    }

    @Override
    boolean mayOpen(KeySlot slot) {
        return slot.method().equals(METHOD)
                && slot.fields().path("keyFile").asText().equals(id());
    }

    @Override
    boolean certain() {
        return true;
    }

    @Override
    String label(ObjectNode fields) {
        return fields.path("keyFile").asText();
    }

    @Override
    void wrap(ObjectNode fields, Secret master, SlotBinding binding) {
        fields.put("keyFile", id());
        SlotCipher.wrap(fields, secret, master, binding);
    }

    @Override
    Optional<Secret> unwrap(ObjectNode fields, SlotBinding binding) {
        return SlotCipher.unwrap(fields, secret, binding);
    }
}
