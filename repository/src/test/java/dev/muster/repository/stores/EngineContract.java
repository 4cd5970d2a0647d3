package dev.muster.repository.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.Run;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.repository.verification.Level;
import dev.muster.repository.verification.Verifier;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import dev.muster.storage.Stores;
import dev.muster.storage.retry.InstantTime;
import dev.muster.storage.retry.RetryingStore;
import dev.muster.storage.testing.FaultyStore;
import dev.muster.storage.testing.FaultyStore.Fault;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a repository does in every kind of store: a backup is committed and right, or it is not there. */
abstract class EngineContract {
    private static final String SOURCE = "orders-main";
    private static final String WAL = "src/" + SOURCE + "/wal/7300000000000000001/00000001/00000000/";
    private static final int FRAME = 128 << 10;

    /** More than one part of an upload, wherever. */
    private static final int TABLE = (11 << 20) / 2;

    private static final Map<String, byte[]> FILES = new TreeMap<>(Map.of(
            "PG_VERSION",
            SmallRepository.random(3, 1),
            "base/table",
            SmallRepository.random(TABLE, 2),
            "base/zeros",
            new byte[3 * FRAME]));

    @TempDir
    private Path directory;

    private String url = "";
    private KeyFile key;

    /** Of a store with nothing in it, with small parts and without repetitions. */
    protected abstract String emptyStore() throws IOException;

    @BeforeEach
    void create() throws IOException {
        url = emptyStore();
        key = KeyFile.generate(directory.resolve("muster.key"));
        Repository.create(Stores.open(url), key, Clock.systemUTC()).close();
    }

    @Test
    @DisplayName("A backup and its WAL come back from this kind of store as they went in, and are found sound")
    void sound() {
        try (Repository repository = Repository.open(Stores.open(url), key)) {
            CommittedBackup backup = backup(repository);
            byte[] content = SmallRepository.random(1 << 20, 3);
            String segment = segment(repository, content);
            assertRight(Stores.open(url), backup);
            assertThat(SmallRepository.readWal(repository, segment)).isEqualTo(content);
        }
    }

    @Test
    @DisplayName("Repository and stores 3: a backup whose every commit lost its answer is committed once, and right")
    void lostReplies() {
        Set<String> lost = ConcurrentHashMap.newKeySet();
        FaultyStore faulty =
                faulty((operation, at) -> operation.equals("commit") && lost.add(at) ? Fault.LOST_REPLY : Fault.NONE);
        CommittedBackup backup;
        try (Repository repository = Repository.open(repeating(faulty), key)) {
            backup = backup(repository);
        }
        assertThat(lost).anySatisfy(at -> assertThat(at).endsWith("/COMMIT"));
        assertRight(Stores.open(url), backup);
    }

    @Test
    @DisplayName(
            "Repository and stores 3: whoever does not hear of his commit finds the backup committed and right, or not")
    void unsettled() {
        for (Fault fault : new Fault[] {Fault.UNREACHABLE, Fault.LOST_REPLY}) {
            FaultyStore faulty = faulty(
                    (operation, at) -> operation.equals("commit") && at.endsWith("/COMMIT") ? fault : Fault.NONE);
            try (Repository repository = Repository.open(faulty, key)) {
                assertThatThrownBy(() -> backup(repository)).isInstanceOf(StoreException.class);
            }
            try (Repository repository = Repository.open(Stores.open(url), key)) {
                List<CommittedBackup> found = repository.backups(SOURCE);
                assertThat(found).hasSize(fault == Fault.LOST_REPLY ? 1 : 0);
                found.forEach(each -> assertRight(Stores.open(url), each));
            }
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 3: a backup whose pack broke off in its middle is not there, and the next one is right")
    void brokenPack() {
        AtomicInteger pieces = new AtomicInteger();
        FaultyStore faulty = faulty(
                (operation, at) -> operation.equals("write") && at.endsWith(".pack") && pieces.incrementAndGet() == 40
                        ? Fault.UNREACHABLE
                        : Fault.NONE);
        try (Repository repository = Repository.open(repeating(faulty), key)) {
            assertThatThrownBy(() -> backup(repository)).isInstanceOf(StoreException.class);
            assertThat(faulty.faults()).isEqualTo(1);
            assertThat(repository.backups(SOURCE)).isEmpty();
            assertRight(Stores.open(url), backup(repository));
        }
    }

    @Test
    @DisplayName("Repository and stores 3: a restore whose every read is cut once brings the right bytes; cut again and"
            + " again, an error")
    void shortReads() {
        CommittedBackup backup;
        try (Repository repository = Repository.open(Stores.open(url), key)) {
            backup = backup(repository);
        }
        AtomicInteger reads = new AtomicInteger();
        FaultyStore once = faulty((operation, at) ->
                operation.equals("open") && reads.getAndIncrement() % 2 == 0 ? Fault.CUT : Fault.NONE);
        assertRight(repeating(once), backup);
        assertThat(once.faults()).isGreaterThan(2);
        FaultyStore always =
                faulty((operation, at) -> operation.equals("open") && at.endsWith(".pack") ? Fault.CUT : Fault.NONE);
        try (Repository repository = Repository.open(repeating(always), key)) {
            assertThatThrownBy(() -> SmallRepository.restore(repository, backup.id()))
                    .isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    @Thorough
    @DisplayName(
            "Repository and stores 3: with a fifth of all requests failing, backup, WAL, verification and restore succeed")
    void byChance() {
        FaultyStore faulty = faulty(FaultyStore.random(url.hashCode(), 0.2, 4));
        ObjectStore store = repeating(faulty);
        try (Repository repository = Repository.open(store, key)) {
            CommittedBackup backup = backup(repository);
            byte[] content = SmallRepository.random(1 << 20, 4);
            String segment = segment(repository, content);
            assertRight(store, backup);
            assertThat(SmallRepository.readWal(repository, segment)).isEqualTo(content);
        }
        assertThat(faulty.faults()).isPositive();
    }

    private FaultyStore faulty(FaultyStore.Rule rule) {
        return new FaultyStore(Stores.open(url), rule);
    }

    private static ObjectStore repeating(ObjectStore store) {
        return new RetryingStore(store, InstantTime.retries(8));
    }

    private static CommittedBackup backup(Repository repository) {
        BackupRequest request = new BackupRequest(
                SOURCE,
                BackupKind.FULL,
                "host-1",
                JsonNodeFactory.instance.objectNode().put("server", "18.6"));
        try (BackupWriter backup = repository.startBackup(request)) {
            try (PackWriter pack = backup.pack()) {
                FILES.forEach((name, content) -> {
                    List<Run> runs = new ArrayList<>();
                    for (int at = 0; at < content.length; at += FRAME) {
                        runs.add(pack.run(at, content, at, Math.min(FRAME, content.length - at)));
                    }
                    backup.fileOfRuns(Entry.file(EntryPath.of(name), 0600, content.length), runs);
                });
            }
            return backup.commit(JsonNodeFactory.instance.objectNode().put("label", "test"));
        }
    }

    private static String segment(Repository repository, byte[] content) {
        String at = WAL + "000000010000000000000001-" + repository.nameHash(content) + ".seg";
        repository.writeFramed(ObjectType.WAL_SEGMENT, at, content, 0, content.length);
        return at;
    }

    /** It is the only one, every byte of it is sound, and its files are what went in. */
    private void assertRight(ObjectStore store, CommittedBackup backup) {
        try (Repository repository = Repository.open(store, key)) {
            assertThat(repository.backups(SOURCE)).containsExactly(backup);
            repository.verify(SOURCE, backup.id(), 2).requireSound();
            Verifier verifier = new Verifier(repository, Clock.systemUTC(), 2);
            verifier.verify(Level.INDEXES, verifier.sources()).requireSound();
            Map<String, byte[]> restored = SmallRepository.restore(repository, backup.id());
            assertThat(restored).containsOnlyKeys(FILES.keySet());
            restored.forEach((name, content) -> assertThat(content).as(name).isEqualTo(FILES.get(name)));
        }
    }
}
