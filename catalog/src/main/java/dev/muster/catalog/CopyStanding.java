package dev.muster.catalog;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What all looks together say of a backup in a repository.
 *
 * @param problem the newest that nothing has made good since
 * @param level the deepest at which it was ever found sound
 * @param verifiedAt when that was so last
 */
public record CopyStanding(Optional<BackupProof> problem, Optional<ProofLevel> level, Optional<Instant> verifiedAt) {
    /** In one word. */
    public enum Result {
        SOUND,
        PROBLEM,
        /** Nobody has looked yet. */
        UNVERIFIED
    }

    public static CopyStanding of(List<BackupProof> proofs) {
        Optional<BackupProof> deepest = proofs.stream()
                // A replication compares names and sizes; that is no verification.
                .filter(proof -> proof.level() != ProofLevel.COPY && proof.soundAt() != null)
                .max(Comparator.comparing(BackupProof::level));
        return new CopyStanding(
                proofs.stream()
                        .filter(proof -> !proof.sound() && proofs.stream().noneMatch(other -> heals(other, proof)))
                        .max(Comparator.comparing(BackupProof::lookedAt)),
                deepest.map(BackupProof::level),
                deepest.map(BackupProof::soundAt));
    }

    private static boolean heals(BackupProof other, BackupProof problem) {
        return other.sound()
                && other.level().coversProblemOf(problem.level())
                && other.lookedAt().isAfter(problem.lookedAt());
    }

    public Result result() {
        if (problem.isPresent()) {
            return Result.PROBLEM;
        }
        return level.isPresent() ? Result.SOUND : Result.UNVERIFIED;
    }

    /** Whether all is there that it is restored from, as far as is known: its COMMIT is, and nothing was missed since. */
    public boolean complete() {
        return problem.map(BackupProof::level)
                .filter(found -> found.compareTo(ProofLevel.CONTENT) < 0)
                .isEmpty();
    }
}
