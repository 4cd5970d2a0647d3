package dev.muster.repository.verification;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.StoredObjects;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.FramedObject;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.work.Crew;
import dev.muster.storage.ObjectInfo;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Looks at every byte of all objects of a repository, those first whose last look is longest ago, as far as a budget goes.
 * What is not sound counts as not looked at, so each look begins with it until it is mended.
 */
final class ContentLook {
    /** Chosen together, at some 500 bytes each: an eighth of the heap. */
    private static final long CHOSEN = Math.min(100_000, Runtime.getRuntime().maxMemory() / 4_000);

    /** A store that has lost so much needs no longer list. */
    private static final int MAX_PROBLEMS = 1_000;

    private static final Comparator<Candidate> OLDEST_FIRST = Comparator.comparing(Candidate::verified)
            .thenComparing(candidate -> candidate.object().key());

    private final Repository repository;
    private final StoredObjects objects;
    private final VerifiedObjects state;
    private final Clock clock;
    private final Tally tally;
    private final Set<String> unsound = new HashSet<>();

    /** @param verified {@link Instant#MIN} if it never was */
    private record Candidate(ObjectInfo object, ObjectName name, Instant verified) {}

    ContentLook(Repository repository, VerifiedObjects state, Clock clock) {
        this.repository = repository;
        this.objects = repository.stored();
        this.state = state;
        this.clock = clock;
        this.tally = new Tally(Level.CONTENT, repository.store());
    }

    LevelResult look(Budget budget, int threads) {
        Instant started = clock.instant();
        Instant deadline = started.plus(budget.time());
        long bytesLeft = budget.bytes();
        boolean complete = false;
        while (bytesLeft > 0 && clock.instant().isBefore(deadline) && unsound.size() < MAX_PROBLEMS) {
            List<Candidate> chosen = choose(started, bytesLeft);
            if (chosen.isEmpty()) {
                complete = true;
                break;
            }
            try (Crew crew = new Crew(threads)) {
                for (Candidate candidate : chosen) {
                    if (!clock.instant().isBefore(deadline)) {
                        break;
                    }
                    bytesLeft -= candidate.object().size();
                    crew.submit(() -> look(candidate, started));
                }
                crew.finish();
            }
        }
        return tally.result(complete, Optional.of(coverage(started)));
    }

    /** The oldest that fit the budget, of those that this look has not had yet. */
    private List<Candidate> choose(Instant started, long budget) {
        PriorityQueue<Candidate> chosen = new PriorityQueue<>(OLDEST_FIRST.reversed());
        long[] bytes = {0};
        try (VerifiedObjects.Reading reading = state.read()) {
            repository.store().list("src/", object -> {
                Instant known = reading.verifiedAt(object).orElse(Instant.MIN);
                ObjectName name = ObjectName.of(object.key());
                if (name.type().isEmpty() || known.equals(started) || isUnsound(object.key())) {
                    return;
                }
                // A clock that was ahead must not keep an object from being looked at until then.
                chosen.add(new Candidate(object, name, known.isAfter(started) ? Instant.MIN : known));
                bytes[0] += object.size();
                while (chosen.size() > CHOSEN
                        || (chosen.size() > 1
                                && bytes[0] - chosen.element().object().size() >= budget)) {
                    bytes[0] -= chosen.remove().object().size();
                }
            });
            reading.end();
        }
        List<Candidate> ordered = new ArrayList<>(chosen);
        ordered.sort(OLDEST_FIRST);
        return ordered;
    }

    private Coverage coverage(Instant started) {
        long[] counts = {0, 0};
        Instant[] oldest = {Instant.MAX};
        try (VerifiedObjects.Reading reading = state.read()) {
            repository.store().list("src/", object -> {
                if (ObjectName.of(object.key()).type().isEmpty()) {
                    return;
                }
                counts[0]++;
                Optional<Instant> verified = reading.verifiedAt(object).filter(time -> !time.isAfter(started));
                if (verified.isEmpty()) {
                    counts[1]++;
                } else if (verified.get().isBefore(oldest[0])) {
                    oldest[0] = verified.get();
                }
            });
            reading.end();
        }
        return new Coverage(
                counts[0], counts[1], oldest[0].equals(Instant.MAX) ? Optional.empty() : Optional.of(oldest[0]));
    }

    private boolean isUnsound(String key) {
        synchronized (unsound) {
            return unsound.contains(key);
        }
    }

    /** @param started stands for the time of all that this look finds sound, whatever the clock does meanwhile */
    private void look(Candidate candidate, Instant started) {
        String key = candidate.object().key();
        boolean sound = tally.check(key, () -> check(candidate.name()));
        tally.object(candidate.object().size());
        if (sound) {
            state.verified(candidate.object(), started);
        } else {
            state.unsound(candidate.object());
            synchronized (unsound) {
                unsound.add(key);
            }
        }
    }

    /** One object alone. */
    void check(ObjectName name) {
        ObjectType type = name.type().orElseThrow();
        if (name instanceof ObjectName.Wal wal) {
            wal(wal);
        } else if (type == ObjectType.PACK || type == ObjectType.MAP) {
            objects.readAll(objects.framed(type, name.key()), (frame, raw) -> {});
        } else {
            objects.authenticate(type, name.key());
        }
    }

    private void wal(ObjectName.Wal name) {
        FramedObject object = objects.framed(name.kind(), name.key());
        MessageDigest digest = Sha256.instance();
        objects.readAll(object, (frame, raw) -> digest.update(raw, 0, frame.rawLength()));
        String hash = repository.nameHash(ContentHash.of(digest.digest()));
        if (!hash.equals(name.hash())) {
            throw new RepositoryException(
                    "WAL_NAME_WRONG",
                    "The content of the object " + name.key() + " does not have the hash that it is named by, but "
                            + hash + ".",
                    "It was encrypted under this name, so its writer was at fault. Compare it with another copy.");
        }
    }
}
