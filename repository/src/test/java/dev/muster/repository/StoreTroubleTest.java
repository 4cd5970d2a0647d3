package dev.muster.repository;

import static dev.muster.repository.TestRepository.SOURCE;
import static dev.muster.repository.TestRepository.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.StoreException;
import dev.muster.storage.testing.TroubledStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that fails in the middle: nothing is lost of what it still has, and nothing is left open. */
class StoreTroubleTest {
    private static final String WAL = "src/" + SOURCE + "/wal/7/00000001/00000000/000000010000000000000001-ab.seg";

    @TempDir
    private Path directory;

    private TestRepository test;
    private TroubledStore store;
    private Repository repository;

    @BeforeEach
    void create() throws IOException {
        test = new TestRepository(directory);
        store = new TroubledStore(test.store);
        repository = Repository.open(store, test.key);
    }

    @AfterEach
    void close() {
        repository.close();
        test.close();
    }

    @Test
    @DisplayName("Repository and stores 1: while the store is full no attempt leaves a writer open, whatever it writes")
    void full() {
        store.makeFull(key -> true);
        assertFull(() -> repository.writeFramed(ObjectType.WAL_SEGMENT, WAL, new byte[10], 0, 10));
        assertFull(() -> repository.startBackup(TestRepository.request()));
        store.makeFull(key -> key.endsWith("/manifest"));
        assertFull(() -> repository.startBackup(TestRepository.request()));
        store.makeFull(key -> key.endsWith(".pack"));
        assertFull(() -> {
            try (BackupWriter backup = repository.startBackup(TestRepository.request());
                    PackWriter pack = backup.pack()) {
                pack.frame(new byte[10], 0, 10);
            }
        });
        assertThat(store.openWriters()).isZero();
    }

    @Test
    @DisplayName("A backup is given up without an error of its own when the store is full")
    void abandonedOnFullStore() {
        BackupWriter backup = repository.startBackup(TestRepository.request());
        // Between 64 and 128 KiB that compression still holds back: more than a segment of the encryption.
        for (int i = 0; i < 400; i++) {
            byte[] name = TestRepository.random(190, i);
            for (int at = 0; at < name.length; at++) {
                name[at] |= (byte) 0x80;
            }
            backup.add(Entry.directory(EntryPath.of(name), 0700));
        }
        store.makeFull(key -> true);
        assertThatCode(backup::close).doesNotThrowAnyException();
        assertThat(store.openWriters()).isZero();
    }

    @Test
    @DisplayName("A decision that the disk cannot read hides no other backup from who asks to go on past it")
    void unreadableCommit() {
        CommittedBackup first = test.backup(Map.of("a", new byte[] {1}));
        CommittedBackup second = test.backup(Map.of("a", new byte[] {2}));
        store.makeUnreadable(key -> key.endsWith(first.id() + "/COMMIT"));
        List<RepositoryException> unreadable = new ArrayList<>();
        assertThat(repository.backups(SOURCE, unreadable::add)).containsExactly(second);
        assertThat(unreadable).singleElement().satisfies(e -> assertThat(e).hasMessageContaining(first.id()));
        assertThatThrownBy(() -> repository.backups(SOURCE))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo("STORE_UNREACHABLE"));
    }

    @Test
    @DisplayName("Repository and stores 2: what expiry takes away while others list is gone, and no error of theirs")
    void expiredWhileListed() {
        CommittedBackup first = test.backup(Map.of("a", new byte[] {1}));
        CommittedBackup second = test.backup(Map.of("a", new byte[] {2}));
        store.afterListing(prefix -> test.store.delete("src/" + SOURCE + "/b/" + first.id() + "/COMMIT"));
        assertThat(repository.backups(SOURCE)).containsExactly(second);
    }

    @Test
    @DisplayName("A key slot that the disk cannot read does not hinder the good one")
    void unreadableSlot() {
        List<String> slots = new ArrayList<>();
        store.list("keys/", slot -> slots.add(slot.key()));
        String other = slots.get(0).replaceFirst("key-file-.*", "aws-kms-eu-0123456789abcdef");
        store.create(other, new java.io.ByteArrayInputStream(new byte[] {'{', '}'}));
        store.makeUnreadable(other::equals);
        Repository.open(store, test.key).close();
        store.makeUnreadable(key -> key.startsWith("keys/"));
        assertThatThrownBy(() -> Repository.open(store, test.key))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo("STORE_UNREACHABLE"));
    }

    @Test
    @DisplayName("Repository and stores 2: an increment is refused once its parent is gone or decided against, as it is"
            + " known only after its own lease is there")
    void parentGone() {
        CommittedBackup parent = test.backup(Map.of("a", new byte[] {1}));
        test.store.delete("src/" + SOURCE + "/b/" + parent.id() + "/COMMIT");
        assertRefused("BACKUP_UNKNOWN", parent);
        assertThat(repository.abortBackup(SOURCE, parent.id())).isTrue();
        assertRefused("BACKUP_NOT_COMMITTED", parent);
    }

    @Test
    @DisplayName("An ancestor's entry that says nothing of where its bytes are makes no manifest that nobody can read")
    void unchangedWithoutMaps() {
        try (BackupWriter backup = repository.startBackup(TestRepository.request())) {
            Entry entry = Entry.file(EntryPath.of("table"), 0600, 8192);
            assertThatThrownBy(() -> backup.unchangedFile(entry, entry)).isInstanceOf(IllegalArgumentException.class);
            CommittedBackup committed = backup.commit(json("label", "empty"));
            assertThat(TestRepository.restore(repository, committed.id())).isEmpty();
        }
    }

    private void assertRefused(String code, CommittedBackup parent) {
        assertThatThrownBy(() -> repository
                        .startBackup(TestRepository.request().withParent(parent.id()))
                        .close())
                .isInstanceOfSatisfying(
                        RepositoryException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(store.openWriters()).isZero();
    }

    private static void assertFull(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo("STORE_FULL"));
    }
}
