package dev.muster.postgres.backup;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.incremental.WalSummaries;
import dev.muster.repository.BackupKind;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.expiry.DeadPacks;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** What a new backup is made against, or why it is a full one. For one thread. */
final class Increment {
    private final BackupKind kind;
    private final Optional<Ancestor> ancestor;
    private String reason;

    private Increment(BackupKind kind, Optional<Ancestor> ancestor, String reason) {
        this.kind = kind;
        this.ancestor = ancestor;
        this.reason = reason;
    }

    /**
     * Chooses the parent and reads its list of files.
     *
     * @throws PostgresException PARENT_UNSUITABLE if there is none, and the caller insists
     */
    static Increment choose(Repository repository, String source, Wanted wanted, ParentRules.Cluster cluster) {
        if (!wanted.needsParent()) {
            return new Increment(wanted.kind(), Optional.empty(), "");
        }
        if (!repository.mayReferToOlder()) {
            return withoutParent(source, wanted, "locks of what older backups stored cannot be extended", "");
        }
        List<String> unreadable = new ArrayList<>();
        ParentRules.Choice choice = ParentRules.choose(wanted, candidates(repository, source, unreadable), cluster);
        String said = unreadable.isEmpty() ? "" : "left out, as it cannot be read: " + unreadable.get(0);
        String why = "";
        if (choice instanceof ParentRules.Choice.Parent parent) {
            try {
                Ancestor ancestor = new Ancestor(
                        repository.backup(source, parent.candidate().id()));
                return new Increment(wanted.kind(), Optional.of(ancestor), said);
            } catch (RepositoryException | ObjectMissingException e) {
                why = "the parent " + parent.candidate().id() + " cannot be read: " + e.getMessage();
            }
        } else if (choice instanceof ParentRules.Choice.None none) {
            why = none.reason();
        }
        return withoutParent(source, wanted, why, said);
    }

    private static Increment withoutParent(String source, Wanted wanted, String why, String said) {
        if (wanted.insist()) {
            throw new PostgresException(
                    "PARENT_UNSUITABLE",
                    "The " + wanted.kind().label() + " backup of " + source + " cannot be made: " + why,
                    "Make a full backup, or name another parent.");
        }
        return new Increment(
                BackupKind.FULL,
                Optional.empty(),
                "full instead of " + wanted.kind().label() + ": " + why + (said.isEmpty() ? "" : "; " + said));
    }

    /**
     * Backups that are not of PostgreSQL, or whose COMMIT is damaged, are parents of none.
     *
     * @param unreadable takes what is damaged
     */
    private static List<ParentRules.Candidate> candidates(
            Repository repository, String source, List<String> unreadable) {
        List<ParentRules.Candidate> candidates = new ArrayList<>();
        for (CommittedBackup backup : repository.backups(source, problem -> {
            if (problem.getCause() instanceof StoreException store) {
                throw store; // It may be back soon: no reason for a full backup.
            }
            unreadable.add(String.valueOf(problem.getMessage()));
        })) {
            try {
                candidates.add(
                        new ParentRules.Candidate(backup.id(), backup.kind(), BackupSummary.of(backup.summary())));
            } catch (PostgresException e) {
                unreadable.add("backup " + backup.id() + ": " + e.getMessage());
            }
        }
        return candidates;
    }

    /** Asks the server for what changed; what it does not know is found by reading. */
    void learn(DataSource server, BackupOptions options, int version, Lsn start, Progress progress) {
        if (ancestor.isEmpty()) {
            return;
        }
        BackupSummary then = ancestor.get().summary();
        if (then.badPages().size() >= BackupSummary.BAD_PAGES) {
            readEverything("the parent had more bad pages than it names");
            return;
        }
        WalSummaries.Answer answer = new WalSummaries(server, options.summaryLimit())
                .changes(version, then.timeline(), then.start(), start, progress);
        if (answer instanceof WalSummaries.Answer.Known known) {
            ancestor.get().know(known.changes());
        } else if (answer instanceof WalSummaries.Answer.Unknown unknown) {
            readEverything(unknown.reason());
        }
    }

    private void readEverything(String why) {
        reason = (reason.isEmpty() ? "" : reason + "; ") + "all files are read: " + why;
    }

    BackupKind kind() {
        return kind;
    }

    Optional<Ancestor> ancestor() {
        return ancestor;
    }

    /**
     * Looks for what the ancestor needs of packs that are mostly dead; for a backup that has begun.
     *
     * @throws StoreException if the store is the trouble
     */
    void relieve(Repository repository, String source) {
        if (ancestor.isEmpty()) {
            return;
        }
        try {
            ancestor.get()
                    .leave(DeadPacks.of(repository, source)
                            .forBackupOf(ancestor.get().summary().rawBytes()));
        } catch (RepositoryException | ObjectMissingException e) {
            // Another backup is damaged, or expires just now: no reason to have no backup today.
            reason = (reason.isEmpty() ? "" : reason + "; ") + "nothing was copied forward: " + e.getMessage();
        }
    }

    /** What it came to. */
    Making making(ReadMeter meter) {
        Making.Method method = Making.Method.WHOLE;
        if (ancestor.isPresent()) {
            method = ancestor.get().changes().isPresent() ? Making.Method.SUMMARIES : Making.Method.COMPARED;
        }
        String damage = meter.damage();
        String all = damage == null
                ? reason
                : (reason.isEmpty() ? "" : reason + "; ") + "the parent is damaged, its part was stored anew: "
                        + damage;
        return new Making(
                kind,
                ancestor.map(Ancestor::id),
                method,
                all,
                meter.read(),
                meter.reused(),
                meter.resumed(),
                meter.compacted(),
                meter.copiedForward());
    }
}
