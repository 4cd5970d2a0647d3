package dev.muster.repository.verification;

import java.util.ArrayList;
import java.util.List;

/** Collects problems from many threads: counts all, keeps the first 1,000. */
public final class Problems {
    private static final int KEPT = 1_000;

    private final List<Problem> kept = new ArrayList<>();
    private long count;

    public synchronized void add(Problem problem) {
        count++;
        if (kept.size() < KEPT) {
            kept.add(problem);
        }
    }

    /** One that is kept however many there are: what ended the work. */
    public synchronized void addLast(Problem problem) {
        if (kept.size() == KEPT) {
            kept.remove(KEPT - 1);
        }
        add(problem);
    }

    /** Takes over those of another collection, which nobody adds to any more. */
    public void addAll(Problems other) {
        long more = other.count();
        List<Problem> theirs = other.kept();
        synchronized (this) {
            count += more;
            kept.addAll(theirs.subList(0, Math.min(theirs.size(), KEPT - kept.size())));
        }
    }

    public synchronized long count() {
        return count;
    }

    public synchronized List<Problem> kept() {
        return List.copyOf(kept);
    }
}
