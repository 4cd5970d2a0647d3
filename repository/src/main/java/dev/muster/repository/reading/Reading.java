package dev.muster.repository.reading;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.repository.Decision;
import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A restore that goes on: expiry deletes nothing of its source meanwhile. Nobody can tell a dead restore from a slow one,
 * so it says again and again that it lives, by a new object each time; what is older than {@link #LIVE} holds nothing up. Who
 * may not write restores all the same, and says so in the log. Thread-safe.
 */
public final class Reading implements AutoCloseable {
    /** For how long after its last lease a restore counts, by the store's clock. */
    public static final Duration LIVE = Duration.ofHours(2);

    /** Several may fail before it counts as dead. */
    private static final Duration RENEWAL = Duration.ofMinutes(20);

    private static final Logger LOG = LoggerFactory.getLogger(Reading.class);

    private final Repository repository;
    private final String source;
    private final String backup;
    private final String by;
    private final CountDownLatch over = new CountDownLatch(1);
    private Optional<String> lease;

    private Reading(Repository repository, String source, String backup, String by, Duration renewal) {
        this.repository = repository;
        this.source = Paths.source(source);
        this.backup = backup;
        this.by = by;
        this.lease = announce();
        Thread thread = new Thread(() -> renewEach(renewal), "restore-lease-" + backup);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Announces a restore, then looks whether the backup is still there: an expiry looks for restores after it has taken
     * COMMITs away, so one of both sees the other.
     *
     * @param by who restores; the same for all steps of one restore
     * @throws RepositoryException BACKUP_UNKNOWN if it has expired
     */
    public static Reading begin(Repository repository, String source, String backup, String by) {
        return begin(repository, source, backup, by, RENEWAL);
    }

    static Reading begin(Repository repository, String source, String backup, String by, Duration renewal) {
        Reading reading = new Reading(repository, source, backup, by, renewal);
        boolean complete = false;
        try {
            reading.requireCommitted();
            complete = true;
            return reading;
        } finally {
            if (!complete) {
                reading.close();
            }
        }
    }

    private void requireCommitted() {
        if (repository
                .decision(source, backup)
                .filter(Decision.Committed.class::isInstance)
                .isEmpty()) {
            throw new RepositoryException(
                    "BACKUP_UNKNOWN",
                    "There is no committed backup " + backup + " of " + source + " in "
                            + repository.store().url() + ".",
                    "It may still be running, or have expired. List the backups of " + source + ".");
        }
    }

    private Optional<String> announce() {
        String key = Readers.prefix(source) + backup + "/" + UlidCreator.getUlid();
        ReadLease wanted = new ReadLease(
                ReadLease.FORMAT,
                ReadLease.VERSION,
                source,
                backup,
                by,
                repository.clock().instant().toString());
        try {
            repository.documents().create(key, ObjectType.READ, wanted, ReadLease.class);
            return Optional.of(key);
        } catch (RepositoryException | StoreException e) {
            LOG.warn(
                    "The restore of {} of {} goes on, but cannot say so in the store, so that no expiry waits for it: let"
                            + " none run until it has ended. {}",
                    backup,
                    source,
                    e.getMessage());
            return Optional.empty();
        }
    }

    private void renewEach(Duration renewal) {
        try {
            while (!over.await(renewal.toMillis(), TimeUnit.MILLISECONDS)) {
                renew();
            }
        } catch (InterruptedException nobodyDoes) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void renew() {
        if (over.getCount() == 0) {
            return;
        }
        Optional<String> next = announce();
        if (next.isPresent()) {
            lease.ifPresent(this::delete);
            lease = next;
        }
    }

    /** Without permission to delete it stays, and counts no more after a while. */
    private void delete(String key) {
        try {
            repository.store().delete(key);
        } catch (StoreException e) {
            LOG.info("The lease {} of a restore that has ended stays: {}", key, e.getMessage());
        }
    }

    /** Stops, for another step of the same restore to go on with within {@link #LIVE}. */
    public synchronized void leave() {
        over.countDown();
    }

    /** Ends the restore, with all steps of it that left. */
    @Override
    public synchronized void close() {
        leave();
        lease.ifPresent(this::delete);
        lease = Optional.empty();
        end(repository, source, backup, by);
    }

    /** Takes back what steps of a restore have left, where none of them goes on. */
    public static void end(Repository repository, String source, String backup, String by) {
        List<String> keys = new ArrayList<>();
        try {
            repository.store().list(Readers.prefix(source) + backup + "/", object -> keys.add(object.key()));
            for (String key : keys) {
                if (isOf(repository, key, by)) {
                    repository.store().delete(key);
                }
            }
        } catch (RepositoryException | StoreException e) {
            LOG.info("Leases of a restore that has ended stay for a while: {}", e.getMessage());
        }
    }

    private static boolean isOf(Repository repository, String key, String by) {
        try {
            return repository
                    .documents()
                    .read(key, ObjectType.READ, ReadLease.class)
                    .by()
                    .equals(by);
        } catch (ObjectMissingException gone) {
            return false;
        }
    }
}
