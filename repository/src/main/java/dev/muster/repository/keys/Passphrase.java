package dev.muster.repository.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.crypto.generators.SCrypt;
import org.jspecify.annotations.Nullable;

/** A passphrase that people remember; scrypt makes each guess at it expensive. */
public final class Passphrase extends WrappingKey {
    static final String METHOD = "passphrase";

    /** In characters. Whoever has the store may guess without end. */
    public static final int SHORTEST = 12;

    private static final int LONGEST = 1024;

    /** A store full of slots with different salts must not keep a reader computing. */
    private static final int MAX_DERIVATIONS = 32;

    private record Derivation(ScryptCost cost, String salt) {}

    private final String place;
    private final List<Path> files;
    private final byte[] bytes;
    private final int characters;
    private final ScryptCost cost;
    private final Map<Derivation, Secret> derived = new HashMap<>();
    private @Nullable Derivation current;

    Passphrase(String place, List<Path> files, String text, ScryptCost cost) {
        String normalized = Normalizer.normalize(text, Normalizer.Form.NFC);
        if (normalized.isEmpty() || normalized.length() > LONGEST) {
            throw new RepositoryException(
                    "PASSPHRASE_UNUSABLE",
                    "The passphrase in " + place + " is empty or longer than " + LONGEST + " characters.",
                    "Put the passphrase there, and nothing else.");
        }
        this.place = place;
        this.files = List.copyOf(files);
        this.bytes = normalized.getBytes(StandardCharsets.UTF_8);
        this.characters = normalized.codePointCount(0, normalized.length());
        this.cost = cost;
    }

    /** @param place where it came from, for messages */
    public static Passphrase of(String place, String text) {
        return new Passphrase(place, List.of(), text, ScryptCost.DEFAULT);
    }

    /**
     * The file's text without a line's end behind it.
     *
     * @throws RepositoryException KEY_FILE_MISSING, KEY_FILE_UNREADABLE, PASSPHRASE_UNUSABLE
     */
    public static Passphrase read(Path file) {
        String text = SecretFile.text(file).replaceFirst("\\R\\z", "");
        return new Passphrase("file:" + file, List.of(file), text, ScryptCost.DEFAULT);
    }

    @Override
    public String method() {
        return METHOD;
    }

    @Override
    public String description() {
        return "passphrase in " + place;
    }

    @Override
    public List<Path> files() {
        return files;
    }

    @Override
    boolean mayOpen(KeySlot slot) {
        return slot.method().equals(METHOD)
                && slot.fields().path("kdf").asText().equals("scrypt");
    }

    @Override
    boolean certain() {
        return false;
    }

    @Override
    String label(ObjectNode fields) {
        String salt = fields.path("kdfSalt").asText();
        return salt.substring(0, Math.min(16, salt.length()));
    }

    @Override
    synchronized void wrap(ObjectNode fields, Secret master, SlotBinding binding) {
        if (characters < SHORTEST) {
            throw new RepositoryException(
                    "PASSPHRASE_TOO_SHORT",
                    "The passphrase in " + place + " has " + characters + " characters; " + SHORTEST
                            + " are the fewest.",
                    "Take six or more words that belong to no sentence: whoever has the store may guess without end.");
        }
        Derivation derivation = current;
        if (derivation == null) {
            derivation = new Derivation(cost, HexFormat.of().formatHex(SlotCipher.random(Secret.LENGTH)));
        }
        fields.put("kdf", "scrypt");
        derivation.cost.write(fields);
        fields.put("kdfSalt", derivation.salt);
        SlotCipher.wrap(fields, derive(derivation), master, binding);
        current = derivation;
    }

    @Override
    synchronized Optional<Secret> unwrap(ObjectNode fields, SlotBinding binding) {
        String salt = fields.path("kdfSalt").asText();
        if (!salt.matches("[0-9a-f]{64}")) {
            return Optional.empty();
        }
        Derivation derivation = new Derivation(ScryptCost.read(fields), salt);
        Optional<Secret> secret = SlotCipher.unwrap(fields, derive(derivation), binding);
        // The slots of further keys then cost no further computing to whoever opens them.
        if (secret.isPresent() && derivation.cost.equals(cost)) {
            current = derivation;
        }
        return secret;
    }

    private Secret derive(Derivation derivation) {
        Secret known = derived.get(derivation);
        if (known != null) {
            return known;
        }
        if (derived.size() >= MAX_DERIVATIONS) {
            throw new RepositoryException(
                    "PASSPHRASE_SLOTS_TOO_MANY",
                    "There are passphrase slots with more than " + MAX_DERIVATIONS + " different salts.",
                    "Open the repository with another key, and revoke the passphrase slots that nobody uses.");
        }
        byte[] salt = HexFormat.of().parseHex(derivation.salt);
        ScryptCost asked = derivation.cost;
        Secret secret = new Secret(SCrypt.generate(bytes, salt, asked.n(), asked.r(), asked.p(), Secret.LENGTH));
        derived.put(derivation, secret);
        return secret;
    }
}
