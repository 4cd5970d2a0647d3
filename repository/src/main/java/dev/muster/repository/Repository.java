package dev.muster.repository;

import com.github.f4b6a3.ulid.Ulid;
import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.encryption.Hkdf;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.encryption.WarmUp;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.FramedStore;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.keys.KeyRing;
import dev.muster.repository.keys.RepositoryIdentity;
import dev.muster.repository.keys.RepositoryKeys;
import dev.muster.repository.keys.WrappingKey;
import dev.muster.repository.locks.HiddenObject;
import dev.muster.repository.locks.LockedStore;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A repository in a store, opened with a key: backups and framed objects are written and read through it. Thread-safe. */
public final class Repository implements AutoCloseable {
    private static final int NAME_HASH = 16;

    private final ObjectStore store;
    private final String id;
    private final EncryptedStore objects;
    private final FramedStore framed;
    private final JsonObjects documents;
    private final Decisions decisions;
    private final CommittedBackups backups;
    private final Leases leases;
    private final KeyRing keys;
    private final Clock clock;
    private final RepositoryIdentity identity;

    /** @param store as {@link LockedStore#of} gives it */
    private Repository(ObjectStore store, RepositoryIdentity identity, KeyRing keys, Clock clock) {
        this.store = store;
        this.identity = identity;
        this.id = identity.id();
        this.clock = clock;
        this.objects = new EncryptedStore(store, id, keys);
        this.framed = new FramedStore(objects, BackupRequest.DEFAULT_LEVEL);
        this.documents = new JsonObjects(objects);
        this.decisions = new Decisions(documents, clock);
        this.backups = new CommittedBackups(store, objects, framed, decisions);
        this.leases = new Leases(store, documents);
        this.keys = keys;
    }

    /**
     * Makes an empty store a repository.
     *
     * @throws RepositoryException REPOSITORY_EXISTS, STORE_NOT_EMPTY, KEY_FILE_IN_STORE, PASSPHRASE_TOO_SHORT,
     *     KMS_UNREACHABLE, KMS_DENIED, KMS_KEY_UNUSABLE
     */
    public static Repository create(ObjectStore store, WrappingKey key, Clock clock) {
        return create(store, List.of(key), clock);
    }

    /**
     * The same with several keys, each of which opens it: the one that is used every day, and one for the safe.
     *
     * @param with one or more
     */
    public static Repository create(ObjectStore in, List<? extends WrappingKey> with, Clock clock) {
        ObjectStore store = LockedStore.of(in, clock);
        KeyFilePlace.refuseInside(store, with);
        Description.requireNoRemains(store);
        Description description = Description.fresh(clock);
        // First, because it may fail: without its slots a repo.json only stands in the way.
        Consumer<ObjectStore> slots = KeyRing.prepare(with, description.identity(), clock);
        description.store(store);
        slots.accept(store);
        return open(store, with, clock);
    }

    /** Opens with the system's clock. */
    public static Repository open(ObjectStore store, WrappingKey key) {
        return open(store, key, Clock.systemUTC());
    }

    public static Repository open(ObjectStore store, WrappingKey key, Clock clock) {
        return open(store, List.of(key), clock);
    }

    /**
     * Opens what any of the keys opens, so that a key service that is away does not matter where there is another key.
     *
     * @throws RepositoryException NOT_A_REPOSITORY, FORMAT_UNKNOWN, WRONG_KEY, KEYS_MISSING, KEY_FILE_IN_STORE,
     *     OBJECT_DAMAGED, KMS_UNREACHABLE, KMS_DENIED, KMS_KEY_UNUSABLE, PASSPHRASE_COST_REFUSED
     */
    public static Repository open(ObjectStore in, List<? extends WrappingKey> with, Clock clock) {
        ObjectStore store = LockedStore.of(in, clock);
        KeyFilePlace.refuseInside(store, with);
        RepositoryIdentity identity = Description.of(store).identity();
        return new Repository(store, identity, KeyRing.open(store, with, identity), clock);
    }

    /**
     * What can be done with the keys of a repository, by who has some of them.
     *
     * @throws RepositoryException as opening does
     */
    public static RepositoryKeys keys(ObjectStore in, List<? extends WrappingKey> with, Clock clock) {
        ObjectStore store = LockedStore.of(in, clock);
        KeyFilePlace.refuseInside(store, with);
        RepositoryIdentity identity = Description.of(store).identity();
        return RepositoryKeys.open(store, identity, with, clock, key -> KeyFilePlace.refuseInside(store, List.of(key)));
    }

    /**
     * The same repository as another store has a copy of it, with the keys that are open here.
     *
     * @throws RepositoryException NOT_A_REPOSITORY; REPLICA_OTHER_REPOSITORY if that store holds another one
     */
    public Repository in(ObjectStore of) {
        ObjectStore other = LockedStore.of(of, clock);
        if (!Description.of(other).identity().equals(identity)) {
            throw new RepositoryException(
                    "REPLICA_OTHER_REPOSITORY",
                    "The repo.json in " + other.url() + " is not that of the repository " + id + " in " + store.url()
                            + ".",
                    "Nothing was written. Give each repository stores of its own.");
        }
        return new Repository(other, identity, keys, clock);
    }

    /** Its objects one by one, for who checks or copies them. */
    public StoredObjects stored() {
        return new StoredObjects(objects, framed);
    }

    public String id() {
        return id;
    }

    public ObjectStore store() {
        return store;
    }

    /** What somebody deleted here although it is needed, and was found all the same: an alarm. */
    public List<HiddenObject> hidden() {
        return LockedReferences.locked(store).map(LockedStore::hidden).orElse(List.of());
    }

    /** Tells of each once, also of those before; without this they are logged. */
    public void onHidden(Consumer<HiddenObject> alarm) {
        LockedReferences.locked(store).ifPresent(locks -> locks.tell(alarm));
    }

    /** Whether an object is under lock, so that deleting it would only hide it. */
    public boolean isLocked(String key) {
        return LockedReferences.locked(store).map(locks -> locks.isLocked(key)).orElse(false);
    }

    /**
     * Whether a new backup can refer to older ones: where a store locks objects, it must be let extend their locks. Extends
     * those of what all backups need.
     */
    public boolean mayReferToOlder() {
        return LockedReferences.locked(store)
                .map(locks -> LockedReferences.mayExtend(locks, documents, locks.endOfNew()))
                .orElse(true);
    }

    /**
     * Locks what a backup needs of others, which is being copied here, as long as its COMMIT will be; nothing where nothing
     * is locked.
     *
     * @throws RepositoryException LOCK_NOT_EXTENDED
     */
    public void lockForCopy(Set<String> needed) {
        LockedReferences.locked(store).ifPresent(locks -> LockedReferences.extend(locks, documents, needed));
    }

    /** What this repository takes for now, where times are written for people or ages are reckoned. */
    public Clock clock() {
        return clock;
    }

    /** Small documents beside the backups, such as marks. */
    public JsonObjects documents() {
        return documents;
    }

    /**
     * Begins a backup and writes its lease. Only then its parent is looked at: who deletes looks at leases after it has
     * taken COMMITs away, so one of both sees the other.
     *
     * @throws RepositoryException INVALID_NAME; BACKUP_UNKNOWN, BACKUP_NOT_COMMITTED for the parent
     */
    public BackupWriter startBackup(BackupRequest request) {
        BackupHeader header = new BackupHeader(
                Paths.source(request.source()),
                newId(request.parent()),
                request.kind(),
                request.parent(),
                clock.instant(),
                request.attributes());
        announce(request.writer(), header.source(), header.id(), header.started());
        request.parent().ifPresent(parent -> backups.require(header.source(), parent));
        return new BackupWriter(header, request, objects, framed, documents, decisions, clock);
    }

    /** Behind the parent's also when the clock was set back since: the order of ids says what is newer. */
    private String newId(Optional<String> parent) {
        long behind = parent.map(id -> Ulid.from(id).getTime() + 1).orElse(0L);
        return UlidCreator.getUlid(Math.max(clock.millis(), behind)).toString();
    }

    /**
     * Writes a lease: a backup is about to be written here, new or as a copy, and expiry must not clear it away.
     *
     * @throws ObjectExistsException if that writer has announced it before
     */
    public void announce(String writer, String source, String backup, Instant started) {
        leases.write(writer, source, backup, started);
    }

    /**
     * The committed backups of a source, oldest id first.
     *
     * @throws RepositoryException OBJECT_DAMAGED if a decision cannot be read
     */
    public List<CommittedBackup> backups(String source) {
        return backups(source, problem -> {
            throw problem.getCause() instanceof StoreException store ? store : problem;
        });
    }

    /**
     * The committed backups of a source, oldest id first, without those whose decision cannot be read.
     *
     * @param unreadable is told of each of these
     */
    public List<CommittedBackup> backups(String source, Consumer<RepositoryException> unreadable) {
        return backups.of(source, unreadable);
    }

    /**
     * What was decided over a backup; empty if nothing was yet, or if it was expired.
     *
     * @throws RepositoryException OBJECT_DAMAGED
     */
    public Optional<Decision> decision(String source, String backup) {
        return backups.decision(source, backup);
    }

    /**
     * Opens a committed backup and checks its manifest against its COMMIT.
     *
     * @throws RepositoryException BACKUP_UNKNOWN, BACKUP_NOT_COMMITTED, OBJECT_DAMAGED
     */
    public BackupReader backup(String source, String backup) {
        return backups.open(source, backup);
    }

    /**
     * The leases of all backups that were begun and not cleaned up after, in the order of writers.
     *
     * @throws RepositoryException OBJECT_DAMAGED if one cannot be read: then nobody knows what is still being written
     */
    public List<Lease> leases() {
        return leases.all();
    }

    /** What backups that never ended left in the store; for a writer that has begun its own. */
    public UnfinishedBackups unfinished(BackupWriter writer) {
        return new UnfinishedBackups(store, framed, writer.header());
    }

    /**
     * Decides against a backup that is not committed, so that its writer cannot commit it later.
     *
     * @return whether it is aborted; false if it was committed first
     */
    public boolean abortBackup(String source, String backup) {
        return decisions.abort(source, backup) == Commit.State.ABORTED;
    }

    /**
     * Reads everything that a backup needs and checks it: every byte of its own packs, and of other backups' packs the
     * frames that it uses.
     *
     * @param threads 1 or more
     */
    public Verification verify(String source, String backup, int threads) {
        return new BackupVerifier(store, framed, backup(source, backup))
                .verify(threads)
                .with(hidden(), store.url());
    }

    /**
     * Stores content as one framed object, durable on return.
     *
     * @return how many bytes of content there were
     * @throws ObjectExistsException if the key is taken
     * @throws IOException if the content cannot be read; nothing is stored then
     */
    public long writeFramed(ObjectType type, String key, InputStream content) throws IOException {
        return framed.write(type, key, content);
    }

    /** Stores bytes as one framed object, durable on return. */
    public void writeFramed(ObjectType type, String key, byte[] content, int offset, int length) {
        try {
            framed.write(type, key, new ByteArrayInputStream(content, offset, length));
        } catch (IOException e) {
            throw new IllegalStateException("Bytes in memory cannot be read", e);
        }
    }

    /**
     * The content of a framed object; nothing of it is given out before it was checked.
     *
     * @throws ObjectMissingException if there is none
     */
    public InputStream readFramed(ObjectType type, String key) {
        return framed.stream(type, key);
    }

    /** How many bytes of content a framed object has, without reading them. */
    public long framedSize(ObjectType type, String key) {
        return framed.open(type, key).rawSize();
    }

    /**
     * A name for content that tells equal from different to who has the key, and nothing to others: 16 lower-case
     * hexadecimal digits. The same for the life of the repository, also when keys are rotated.
     *
     * @throws RepositoryException KEY_NOT_FOR_SOURCE if the key that makes names is not open
     */
    public String nameHash(byte[] content) {
        return nameHash(Sha256.hash(content));
    }

    /** The same for content whose SHA-256 is known, so that a segment need not be in memory as a whole. */
    public String nameHash(ContentHash content) {
        byte[] nameKey = keys.forNames().derive("muster-names\n1\n" + id);
        byte[] hash = Hkdf.hmac(nameKey, HexFormat.of().parseHex(content.toString()));
        return HexFormat.of().formatHex(hash).substring(0, NAME_HASH);
    }

    /** Lets the JVM compile encryption before it is needed; a fraction of a second, for a worker's start. */
    public static void warmUp() {
        WarmUp.encryption();
        WarmUp.decryption();
    }

    /** Frees what is held outside of the heap. */
    @Override
    public void close() {
        framed.close();
    }
}
