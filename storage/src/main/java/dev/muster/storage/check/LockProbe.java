package dev.muster.storage.check;

import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectVersion;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether locks hold: the only thing that protects backups from somebody with the store's credentials. */
final class LockProbe {
    /** The version stays behind for so long, and until a rule of the bucket removes it. */
    private static final Duration SHORT = Duration.ofSeconds(30);

    private final ObjectStore store;
    private final String key;
    private final Findings findings;
    private final Clock clock;

    LockProbe(ObjectStore store, String prefix, Findings findings, Clock clock) {
        this.store = store;
        this.key = prefix + "locked";
        this.findings = findings;
        this.clock = clock;
    }

    void look() throws IOException {
        Optional<ObjectLock> locks = store.lock();
        if (locks.isEmpty()) {
            findings.warn(
                    "lock",
                    "Objects are not locked: whoever has this store's credentials can delete all backups. Buckets made"
                            + " with Object Lock take lock=compliance&lock-days=N in the URL.");
            return;
        }
        ObjectLock lock = locks.get();
        try (ObjectWriter writer = store.create(key, Retention.of(SHORT))) {
            writer.write(new byte[] {7}, 0, 1);
            writer.commit();
        }
        Optional<Instant> until = lock.lockedUntil(key);
        if (until.isEmpty() || until.get().isBefore(clock.instant())) {
            findings.bad(
                    "lock",
                    "The URL asks for locks, and an object that was created with one has none: was the bucket made with"
                            + " Object Lock?");
            return;
        }
        store.delete(key);
        List<ObjectVersion> hidden = new ArrayList<>();
        lock.versions(key, version -> {
            if (!version.deleteMarker()) {
                hidden.add(version);
            }
        });
        if (hidden.isEmpty()) {
            findings.bad("lock", "A locked object was gone for good when it was deleted.");
            return;
        }
        try (InputStream content = lock.open(hidden.get(0))) {
            if (content.read() == 7) {
                findings.ok(
                        "lock",
                        "A locked object outlives its deletion and can be read behind the delete marker. One version of"
                                + " one byte stays behind; a rule for old versions removes it.");
            } else {
                findings.bad("lock", "The locked version of an object has other bytes than were written.");
            }
        }
    }
}
