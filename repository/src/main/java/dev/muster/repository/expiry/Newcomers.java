package dev.muster.repository.expiry;

import dev.muster.repository.Repository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writers that announce themselves while an expiry deletes. A backup looks at COMMITs and refers to nothing that goes. But
 * who copies one from another store takes what he finds for there to stay: he is let finish first. For one thread.
 */
final class Newcomers {
    /** With what one delete takes it is less than a newcomer waits before he looks once more whether all has stayed. */
    private static final long PAUSE = Duration.ofMillis(200).toNanos();

    private final Repository repository;
    private final SourceObjects objects;
    private final Set<String> known = new HashSet<>();
    private Optional<Running> found = Optional.empty();
    private long last;

    /** Before the leases are looked at that the expiry goes by. */
    Newcomers(Repository repository, SourceObjects objects) {
        this.repository = repository;
        this.objects = objects;
        known.addAll(keys());
        last = System.nanoTime();
    }

    private List<String> keys() {
        List<String> keys = new ArrayList<>();
        repository.store().list("lease/", object -> keys.add(object.key()));
        return keys;
    }

    /** The first one of this source; looks again now and then. */
    Optional<Running> find() {
        if (found.isEmpty() && System.nanoTime() - last > PAUSE) {
            look();
        }
        return found;
    }

    /** Looks now. */
    Optional<Running> look() {
        List<String> keys = keys();
        keys.removeAll(known);
        if (found.isEmpty() && !keys.isEmpty()) {
            found = objects.leases().stream()
                    .filter(lease -> keys.contains(lease.key()))
                    .findFirst()
                    .map(lease -> new Running(lease.backup(), lease.writer(), lease.modified()));
            known.addAll(keys);
        }
        last = System.nanoTime();
        return found;
    }
}
