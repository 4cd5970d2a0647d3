package dev.muster.repository.keys;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.MasterKey;
import dev.muster.repository.encryption.Secret;
import dev.muster.repository.frames.Sha256;
import dev.muster.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A master key, wrapped, as {@code keys/<kid>/<slot>} holds it.
 *
 * @param kid as the object's name has it
 * @param scope the source that the key is for, or null for all
 * @param fields what the method needs
 * @param text as stored
 */
record KeySlot(
        String path,
        String kid,
        int version,
        String method,
        @Nullable String scope,
        String created,
        ObjectNode fields,
        String text) {
    static final String FORMAT = "muster-key";
    static final int VERSION = 1;
    static final String FOLDER = "keys/";
    private static final Set<String> HEAD = Set.of("format", "version", "kid", "method", "scope", "created");
    private static final Pattern FORM = Pattern.compile("keys/[0-9a-f]{32}/.+");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_SIZE = 64 << 10;
    private static final int HASH = 16;

    /** The names of all that lies where slots do, in order; what else is below keys/ is none of ours. */
    static List<String> paths(ObjectStore store) {
        List<String> found = new ArrayList<>();
        store.list(FOLDER, object -> {
            if (FORM.matcher(object.key()).matches()) {
                found.add(object.key());
            }
        });
        return found;
    }

    static String kidOf(String path) {
        return path.split("/")[1];
    }

    /**
     * Wraps a master key, and shows that it unwraps again; nothing is stored.
     *
     * @throws RepositoryException KEY_SLOT_UNPROVEN, and what the key's service throws
     */
    static KeySlot wrap(
            MasterKey master, @Nullable String scope, WrappingKey key, String created, RepositoryIdentity id) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        KeySlot draft = new KeySlot("", master.kid(), VERSION, key.method(), scope, created, fields, "");
        key.wrap(fields, master.secret(), SlotBinding.of(draft, id));
        String text = draft.json();
        String path = FOLDER + master.kid() + "/" + key.method() + "-" + key.label(fields) + "-" + hash(utf8(text));
        KeySlot slot = new KeySlot(path, master.kid(), VERSION, key.method(), scope, created, fields, text);
        // Before it is stored: a service may have encrypted with another key than it decrypts with.
        boolean opens = slot.open(key, id)
                .filter(opened ->
                        Arrays.equals(opened.secret().bytes(), master.secret().bytes()))
                .isPresent();
        if (!opens) {
            throw new RepositoryException(
                    "KEY_SLOT_UNPROVEN",
                    "The slot " + path + " does not open with the " + key.description() + " that it was made with.",
                    "It was not stored. Check the key; of a key service, that it encrypts and decrypts with one key.");
        }
        return slot;
    }

    /**
     * Reads a slot of whatever method.
     *
     * @throws RepositoryException OBJECT_DAMAGED, KEY_SLOT_UNREADABLE
     * @throws dev.muster.storage.StoreException if the store is the trouble
     */
    static KeySlot read(ObjectStore store, String path) {
        byte[] bytes = bytes(store, path);
        if (!path.endsWith("-" + hash(bytes))) {
            throw Damage.of(path, "its bytes do not have the SHA-256 that its name ends with");
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            JsonNode tree = JSON.readTree(text);
            if (!(tree instanceof ObjectNode json)) {
                throw Damage.of(path, "it is not the JSON of a key slot");
            }
            ObjectNode fields = json.deepCopy();
            fields.remove(HEAD);
            String format = json.path("format").asText();
            String kid = json.path("kid").asText();
            boolean named = format.equals(FORMAT) && kid.equals(kidOf(path));
            return new KeySlot(
                    path,
                    kidOf(path),
                    named ? json.path("version").asInt() : 0,
                    json.path("method").asText(),
                    json.path("scope").isTextual() ? json.path("scope").textValue() : null,
                    json.path("created").asText(),
                    fields,
                    text);
        } catch (JsonProcessingException e) {
            throw Damage.of(path, "it is not the JSON of a key slot", e);
        }
    }

    /** Durable on return. */
    void store(ObjectStore store) {
        store.create(path, new ByteArrayInputStream(utf8(text)));
    }

    /**
     * Opens it with one of the keys.
     *
     * @return empty if it is for none of them
     * @throws RepositoryException OBJECT_DAMAGED, and what {@link WrappingKey#unwrap} throws
     */
    Optional<MasterKey> open(WrappingKey key, RepositoryIdentity id) {
        if (version != VERSION || !key.mayOpen(this)) {
            return Optional.empty();
        }
        String name = key.method() + "-" + key.label(fields) + "-" + hash(utf8(text));
        if (!path.equals(FOLDER + kid + "/" + name)) {
            throw Damage.of(path, "it is the key slot of another name");
        }
        Optional<Secret> secret = key.unwrap(fields, SlotBinding.of(this, id));
        if (secret.isEmpty() && key.certain()) {
            throw Damage.of(
                    path, "it names the " + key.description() + " but does not open with it; or repo.json was changed");
        }
        return secret.map(opened -> new MasterKey(kid, opened));
    }

    private String json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("format", FORMAT)
                .put("version", version)
                .put("kid", kid)
                .put("method", method);
        if (scope != null) {
            json.put("scope", scope);
        }
        json.put("created", created).setAll(fields);
        return json.toPrettyString() + "\n";
    }

    private static byte[] bytes(ObjectStore store, String path) {
        try (InputStream stream = store.open(path)) {
            return stream.readNBytes(MAX_SIZE);
        } catch (IOException e) {
            throw new RepositoryException(
                    "KEY_SLOT_UNREADABLE",
                    "The key slot " + path + " in " + store.url() + " cannot be read: " + e.getMessage(),
                    "Check the store and the way to it.",
                    e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The name ends with a hash of the bytes, so that damage is noticed by readers that cannot unwrap the key too. */
    private static String hash(byte[] bytes) {
        return Sha256.hash(bytes).toString().substring(0, HASH);
    }
}
