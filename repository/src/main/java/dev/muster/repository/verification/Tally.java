package dev.muster.repository.verification;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.work.StoreAnswers;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what one level looks at. Thread-safe. */
final class Tally {
    private final Level level;
    private final ObjectStore store;
    private final AtomicLong backups = new AtomicLong();
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong objects = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final Problems problems = new Problems();
    private final List<BackupResult> each = Collections.synchronizedList(new ArrayList<>());

    Tally(Level level, ObjectStore store) {
        this.level = level;
        this.store = store;
    }

    /** A backup was looked at, with what was counted apart. */
    void backup(String source, String id, Tally found) {
        backups.incrementAndGet();
        add(found);
        BackupResult.of(source, id, found.problemCount(), found.problems.kept()).ifPresent(each::add);
    }

    void file() {
        files.incrementAndGet();
    }

    /** @param size as stored */
    void object(long size) {
        objects.incrementAndGet();
        bytes.addAndGet(size);
    }

    void problem(Problem problem) {
        problems.add(problem);
    }

    long problemCount() {
        return problems.count();
    }

    private void add(Tally other) {
        files.addAndGet(other.files.get());
        objects.addAndGet(other.objects.get());
        bytes.addAndGet(other.bytes.get());
        problems.addAll(other.problems);
    }

    /**
     * What failed while the store answers is tried once more: an outage may have ended meanwhile.
     *
     * @return whether it went well; else it is noted with the object
     * @throws StoreException if the store is away
     */
    boolean check(String object, Runnable check) {
        try {
            check.run();
            return true;
        } catch (RepositoryException | StoreException e) {
            if (!StoreAnswers.mayBeAway(e)) {
                problem(Problem.of(object, e));
                return false;
            }
        }
        StoreAnswers.require(store);
        return checkOnce(object, check);
    }

    /** The same for what cannot be done again without counting it again. */
    boolean checkOnce(String object, Runnable check) {
        try {
            check.run();
            return true;
        } catch (RepositoryException | StoreException e) {
            trouble(Problem.of(object, e), e);
            return false;
        }
    }

    /**
     * Notes what is wrong with an object.
     *
     * @throws StoreException if the store is away
     */
    void trouble(Problem problem, RuntimeException failure) {
        if (StoreAnswers.mayBeAway(failure)) {
            StoreAnswers.require(store);
        }
        problem(problem);
    }

    LevelResult result(boolean complete, Optional<Coverage> coverage) {
        return new LevelResult(
                level,
                complete,
                backups.get(),
                files.get(),
                objects.get(),
                bytes.get(),
                problems.count(),
                problems.kept(),
                List.copyOf(each),
                coverage);
    }
}
