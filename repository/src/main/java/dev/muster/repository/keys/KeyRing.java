package dev.muster.repository.keys;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.f4b6a3.ulid.Ulid;
import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.MasterKey;
import dev.muster.repository.encryption.MasterKeys;
import dev.muster.repository.encryption.Secret;
import dev.muster.repository.frames.Sha256;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The master keys of a repository that one key file opens. A kid sorts by its age: it is a ULID in hexadecimal. */
public final class KeyRing implements MasterKeys {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRing.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_SLOT = 64 << 10;

    private record Opened(MasterKey key, @Nullable String scope) {}

    private final String keyFile;
    private final TreeMap<String, Opened> keys = new TreeMap<>();
    private final TreeSet<String> kids = new TreeSet<>();

    /** Of these a slot says that they are for one source, whoever it is for. */
    private final TreeSet<String> scoped = new TreeSet<>();

    private KeyRing(KeyFile file) {
        this.keyFile = file.path() + " (id " + file.id() + ")";
    }

    /** Makes a repository's first master key and its slot. */
    public static void create(ObjectStore store, KeyFile file, RepositoryIdentity identity, Clock clock) {
        Ulid ulid = UlidCreator.getUlid(clock.millis());
        MasterKey master = new MasterKey(HexFormat.of().formatHex(ulid.toBytes()), Secret.random());
        KeySlot slot = KeySlot.wrap(master, null, file, clock.instant().toString(), identity);
        try {
            byte[] bytes = (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(slot) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
            store.create(path(slot, bytes), new ByteArrayInputStream(bytes));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A key slot cannot be written as JSON", e);
        }
    }

    /**
     * Opens every slot that the key file fits; slots of unknown methods and of other key files are left alone.
     *
     * @throws RepositoryException KEYS_MISSING if the repository has no key slot at all, WRONG_KEY if none is for this
     *     file, OBJECT_DAMAGED
     */
    public static KeyRing open(ObjectStore store, KeyFile file, RepositoryIdentity identity) {
        KeyRing ring = new KeyRing(file);
        List<String> found = new ArrayList<>();
        store.list("keys/", object -> found.add(object.key()));
        if (found.isEmpty()) {
            throw new RepositoryException(
                    "KEYS_MISSING",
                    "The repository " + identity.id() + " in " + store.url() + " has no objects below keys/.",
                    "Bring keys/ back from a copy of the store; without it no backup can be read. If the repository was"
                            + " just being created, delete repo.json and create it again.");
        }
        List<RuntimeException> damaged = new ArrayList<>();
        for (String path : found) {
            try {
                ring.open(store, path, file, identity);
            } catch (RepositoryException | StoreException e) {
                // Another slot may hold the same key: in an emergency one bad slot must not hide the good one.
                LOG.warn("The key slot {} is left out: {}", path, e.getMessage());
                damaged.add(e);
            }
        }
        if (ring.keys.isEmpty() && !damaged.isEmpty()) {
            throw damaged.get(0);
        }
        if (ring.keys.isEmpty()) {
            throw new RepositoryException(
                    "WRONG_KEY",
                    "The key file " + file.path() + " (id " + file.id() + ") opens none of the keys of " + store.url()
                            + ": " + String.join(", ", ring.kids) + ".",
                    "Use the key file whose id is in a slot's name, keys/<key>/key-file-<id>-<hash>: "
                            + String.join(", ", found));
        }
        return ring;
    }

    private void open(ObjectStore store, String path, KeyFile file, RepositoryIdentity identity) {
        String kid = path.split("/")[1];
        kids.add(kid);
        byte[] bytes = read(store, path);
        if (!path.endsWith("-" + hash(bytes))) {
            throw Damage.of(path, "its bytes do not have the SHA-256 that its name ends with");
        }
        try {
            JsonNode tree = JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
            if (tree != null && tree.path("scope").isTextual()) {
                scoped.add(kid);
            }
            boolean ours = tree != null
                    && tree.path("method").asText().equals(KeySlot.KEY_FILE)
                    && tree.path("version").asInt() == KeySlot.VERSION
                    && tree.path("keyFile").asText().equals(file.id());
            if (!ours) {
                return;
            }
            KeySlot slot = JSON.treeToValue(tree, KeySlot.class);
            if (!slot.format().equals(KeySlot.FORMAT) || !path.equals(path(slot, bytes))) {
                throw Damage.of(path, "it is the key slot of another name");
            }
            MasterKey key = slot.unwrap(file, identity)
                    .orElseThrow(() -> Damage.of(
                            path,
                            "it names the key file " + file.path() + " (id " + file.id()
                                    + ") but does not open with it; or repo.json was changed"));
            keys.put(slot.kid(), new Opened(key, slot.scope()));
        } catch (JsonProcessingException e) {
            throw Damage.of(path, "it is not the JSON of a key slot", e);
        }
    }

    private static byte[] read(ObjectStore store, String path) {
        try (InputStream stream = store.open(path)) {
            return stream.readNBytes(MAX_SLOT);
        } catch (IOException e) {
            throw new RepositoryException(
                    "KEY_SLOT_UNREADABLE",
                    "The key slot " + path + " in " + store.url() + " cannot be read: " + e.getMessage(),
                    "Check the store and the way to it.",
                    e);
        }
    }

    @Override
    public Optional<MasterKey> find(String kid) {
        return Optional.ofNullable(keys.get(kid)).map(Opened::key);
    }

    /** The youngest key whose scope is the object's source, or else the youngest for all. */
    @Override
    public MasterKey forWriting(String objectKey) {
        String source = objectKey.startsWith("src/") ? objectKey.split("/")[1] : "";
        return keys.descendingMap().values().stream()
                .filter(opened -> source.equals(opened.scope()))
                .findFirst()
                .or(() -> keys.descendingMap().values().stream()
                        .filter(opened -> opened.scope() == null)
                        .findFirst())
                .map(Opened::key)
                .orElseThrow(() -> new RepositoryException(
                        "KEY_NOT_FOR_SOURCE",
                        "None of the opened keys may encrypt " + objectKey + ": their scopes are other sources.",
                        "Open the repository with a key file that opens a key for this source or for all."));
    }

    /**
     * The repository's oldest key for all sources: names made with it stay the same when keys are rotated. Where it is not
     * open no other takes its place, because another name for the same content is a conflict.
     */
    public MasterKey forNames() {
        for (String kid : kids) {
            Opened opened = keys.get(kid);
            if (opened != null && opened.scope() == null) {
                return opened.key();
            }
            if (opened == null && !scoped.contains(kid)) {
                throw notForNames(kid + ", which it does not open");
            }
        }
        throw notForNames("one for all sources, and it opens none");
    }

    private RepositoryException notForNames(String which) {
        return new RepositoryException(
                "KEY_NOT_FOR_SOURCE",
                "The key file " + keyFile + " cannot make names of WAL objects: they need the repository's oldest key, "
                        + which + ".",
                "Use a key file that opens the repository's first key, or bring that key's slot below keys/ back from a"
                        + " copy of the store.");
    }

    /** The name ends with a hash of the bytes, so that damage is noticed by readers that cannot unwrap the key too. */
    private static String path(KeySlot slot, byte[] bytes) {
        return "keys/" + slot.kid() + "/" + slot.method() + "-" + slot.keyFile() + "-" + hash(bytes);
    }

    private static String hash(byte[] bytes) {
        return Sha256.hash(bytes).toString().substring(0, 16);
    }
}
