package dev.muster.postgres.backup;

import dev.muster.postgres.Lsn;
import dev.muster.repository.BackupKind;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which earlier backup a new one may be made against. Backups are ordered by WAL, not by clock. */
final class ParentRules {
    /** A committed backup. */
    record Candidate(String id, BackupKind kind, BackupSummary summary) {}

    /**
     * The server that is backed up, now.
     *
     * @param timeline it writes
     * @param standby whether it replays another server's WAL
     * @param position of its WAL
     */
    record Cluster(
            String systemId,
            int majorVersion,
            int timeline,
            int blockSize,
            int segmentSize,
            boolean pageChecksums,
            boolean standby,
            Lsn position) {}

    /** What was chosen. */
    sealed interface Choice {
        record Parent(Candidate candidate) implements Choice {}

        /** @param reason for people */
        record None(String reason) implements Choice {}
    }

    private ParentRules() {}

    /** @param committed of the source, in any order */
    static Choice choose(Wanted wanted, List<Candidate> committed, Cluster cluster) {
        Optional<Candidate> ahead = ahead(committed, cluster);
        if (ahead.isPresent()) {
            // How far back is not known: an older backup too may hold what the server has lost, and no WAL tells of it.
            return new Choice.None(
                    "backup " + ahead.get().id() + " " + setBack(ahead.get().summary(), cluster));
        }
        if (wanted.parent().isPresent()) {
            String id = wanted.parent().get();
            Optional<Candidate> named =
                    committed.stream().filter(one -> one.id().equals(id)).findFirst();
            if (named.isEmpty()) {
                return new Choice.None("there is no committed backup " + id + " of PostgreSQL");
            }
            return refusal(wanted.kind(), named.get(), cluster)
                    .<Choice>map(reason -> new Choice.None("backup " + id + " " + reason))
                    .orElseGet(() -> new Choice.Parent(named.get()));
        }
        List<Candidate> newestFirst = committed.stream()
                .filter(one -> isOfKind(wanted.kind(), one.kind()))
                .sorted(Comparator.comparing((Candidate one) -> one.summary().timeline())
                        .thenComparing(one -> one.summary().start())
                        .thenComparing(Candidate::id)
                        .reversed())
                .toList();
        for (Candidate one : newestFirst) {
            if (refusal(wanted.kind(), one, cluster).isEmpty()) {
                return new Choice.Parent(one);
            }
        }
        return new Choice.None(
                newestFirst.isEmpty()
                        ? "there is no committed backup to be made against"
                        : "the newest backup, " + newestFirst.get(0).id() + ", "
                                + refusal(wanted.kind(), newestFirst.get(0), cluster)
                                        .orElseThrow());
    }

    private static boolean isOfKind(BackupKind wanted, BackupKind parent) {
        return wanted == BackupKind.DIFFERENTIAL ? parent == BackupKind.FULL : parent != BackupKind.ARCHIVAL;
    }

    /** Why a backup cannot be the parent, in words that follow its name. */
    static Optional<String> refusal(BackupKind wanted, Candidate parent, Cluster now) {
        BackupSummary then = parent.summary();
        if (!isOfKind(wanted, parent.kind())) {
            return Optional.of("is of kind " + parent.kind().label() + ", which a backup of kind " + wanted.label()
                    + " is not made against");
        }
        if (!then.systemId().equals(now.systemId())) {
            return Optional.of("is of another cluster, " + then.systemId() + " instead of " + now.systemId());
        }
        if (then.majorVersion() != now.majorVersion()) {
            return Optional.of("is of PostgreSQL " + then.majorVersion() + ", and this is " + now.majorVersion());
        }
        if (then.timeline() != now.timeline()) {
            return Optional.of("is of timeline " + then.timeline() + ", and the server is on " + now.timeline()
                    + ": a server was promoted since");
        }
        if (then.blockSize() != now.blockSize() || then.segmentSize() != now.segmentSize()) {
            return Optional.of("has other sizes of blocks or WAL segments");
        }
        if (then.pageChecksums() != now.pageChecksums()) {
            // pg_checksums rewrites all pages, and no WAL tells of it.
            return Optional.of("was made with page checksums " + (then.pageChecksums() ? "on" : "off")
                    + ", which was changed since");
        }
        if (then.stop().isAfter(now.position())) {
            return Optional.of(setBack(then, now));
        }
        return Optional.empty();
    }

    /** One that a primary must have been at; a standby may lag behind the one that it was taken from. */
    private static Optional<Candidate> ahead(List<Candidate> committed, Cluster now) {
        return committed.stream()
                .filter(one -> !now.standby()
                        && one.summary().systemId().equals(now.systemId())
                        && one.summary().timeline() == now.timeline()
                        && one.summary().stop().isAfter(now.position()))
                .findFirst();
    }

    private static String setBack(BackupSummary then, Cluster now) {
        return "ends at " + then.stop() + ", and the server's WAL is only at " + now.position()
                + (now.standby() ? ": the standby lags, or was" : ": the server was") + " set back to an earlier state";
    }
}
