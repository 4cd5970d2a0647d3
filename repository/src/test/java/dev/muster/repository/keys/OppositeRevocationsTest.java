package dev.muster.repository.keys;

import static dev.muster.repository.keys.RepositoryKeysTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreWrapper;
import dev.muster.storage.testing.KilledStore;
import dev.muster.storage.testing.KilledStore.When;
import dev.muster.storage.testing.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two people who revoke each other's slots at once, each killed at each of his changes to the store. */
class OppositeRevocationsTest {
    /** More than a revocation makes. */
    private static final int CHANGES = 4;

    @TempDir
    private Path directory;

    private KeyFile daily;
    private KeyFile safe;
    private MemoryStore origin;

    @BeforeEach
    void create() {
        daily = KeyFile.generate(directory.resolve("daily.key"));
        safe = KeyFile.generate(directory.resolve("safe.key"));
        origin = new MemoryStore("origin");
        Repository.create(origin, List.of(daily, safe), Clock.systemUTC()).close();
    }

    /** Does something else before or after one of its changes, and goes on. */
    private static final class Interrupted extends StoreWrapper {
        private final int at;
        private final When when;
        private final Runnable other;
        private int changes;

        Interrupted(ObjectStore store, int at, When when, Runnable other) {
            super(store);
            this.at = at;
            this.when = when;
            this.other = other;
        }

        private void change(Runnable action) {
            boolean now = ++changes == at;
            if (now && when == When.BEFORE) {
                other.run();
            }
            action.run();
            if (now && when == When.AFTER) {
                other.run();
            }
        }

        @Override
        public ObjectWriter create(String key) {
            ObjectWriter writer = store.create(key);
            return new ObjectWriter() {
                @Override
                public void write(byte[] bytes, int offset, int length) {
                    writer.write(bytes, offset, length);
                }

                @Override
                public void commit() {
                    change(writer::commit);
                }

                @Override
                public void close() {
                    writer.close();
                }
            };
        }

        @Override
        public void delete(String key) {
            change(() -> store.delete(key));
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 1: of two who revoke each other's slots, each killed anywhere, one can still open the"
                    + " repository and finish what was begun")
    void oppositeAndKilled() throws IOException {
        for (int at = 1; at <= CHANGES; at++) {
            for (When when : When.values()) {
                for (int victim = 1; victim <= CHANGES; victim++) {
                    for (When killed : When.values()) {
                        for (int first = 1; first <= CHANGES; first++) {
                            opposite(at, when, victim, killed, first);
                        }
                    }
                }
            }
        }
    }

    private void opposite(int at, When when, int victim, When killed, int first) throws IOException {
        MemoryStore store = origin.copy("at-" + at + when + "-" + victim + killed + "-" + first);
        Runnable other = () -> tried(KilledStore.atCall(store, victim, killed), safe, daily);
        tried(KilledStore.atCall(new Interrupted(store, at, when, other), first, When.AFTER), daily, safe);

        List<KeyFile> open =
                List.of(daily, safe).stream().filter(key -> opens(store, key)).toList();
        assertThat(open).as(store.url()).isNotEmpty();
        // Whoever is left finishes: with a slot of his own that nobody revokes, the others go.
        KeyFile left = open.get(0);
        RepositoryKeys keys = keys(store, left);
        keys.add(left);
        for (SlotDescription slot : keys.slots()) {
            if (slot.revoked() || !slot.name().contains(left.id())) {
                assertThat(keys.revoke(slot.name())).isEmpty();
            }
        }
        assertThat(keys.slots()).singleElement().matches(slot -> slot.state() == SlotDescription.State.OPENS);
        assertThat(opens(store, left)).isTrue();
    }

    private static void tried(ObjectStore store, KeyFile with, KeyFile against) {
        try {
            keys(store, with).revoke(slotOf(store, against));
        } catch (KilledStore.Killed | RepositoryException ended) {
            // What is left of it in the store is what the test is about.
            assertThat(ended).isNotNull();
        }
    }

    private static boolean opens(ObjectStore store, KeyFile key) {
        try {
            Repository.open(store, key).close();
            return true;
        } catch (RepositoryException e) {
            return false;
        }
    }

    private static RepositoryKeys keys(ObjectStore store, KeyFile key) {
        return Repository.keys(store, List.of(key), Clock.systemUTC());
    }

    private static String slotOf(ObjectStore store, KeyFile key) {
        return KeySlot.paths(store).stream()
                .filter(path -> path.contains(key.id()))
                .findFirst()
                .orElseThrow(() -> new RepositoryException("KEY_SLOT_UNKNOWN", "It is gone.", "Nothing to do."));
    }

    @Test
    @DisplayName(
            "A revocation that was killed is finished by the same command, also when only its last step is missing")
    void finished() {
        for (int victim = 1; victim <= CHANGES - 1; victim++) {
            for (When when : When.values()) {
                MemoryStore store = origin.copy("killed-" + victim + when);
                String slot = slotOf(store, safe);
                tried(KilledStore.atCall(store, victim, when), daily, safe);
                if (store.keys().stream().anyMatch(key -> key.contains(safe.id()))) {
                    assertThat(keys(store, daily).revoke(slot)).isEmpty();
                }
                assertThat(store.keys()).noneMatch(key -> key.contains(safe.id()));
                assertRefused("KEY_SLOT_UNKNOWN", slot, () -> keys(store, daily).revoke(slot));
            }
        }
    }
}
