package dev.muster.repository.verification;

import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what one level looks at. Thread-safe. */
final class Tally {
    private final Level level;
    private final AtomicLong backups = new AtomicLong();
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong objects = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final Problems problems = new Problems();

    Tally(Level level) {
        this.level = level;
    }

    void backup() {
        backups.incrementAndGet();
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

    /** Takes over what was counted apart. */
    void add(Tally other) {
        files.addAndGet(other.files.get());
        objects.addAndGet(other.objects.get());
        bytes.addAndGet(other.bytes.get());
        backups.addAndGet(other.backups.get());
        problems.addAll(other.problems);
    }

    /** @return whether it went well; else it is noted with the object */
    boolean check(String object, Runnable check) {
        try {
            check.run();
            return true;
        } catch (RepositoryException | StoreException e) {
            problem(Problem.of(object, e));
            return false;
        }
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
                coverage);
    }
}
