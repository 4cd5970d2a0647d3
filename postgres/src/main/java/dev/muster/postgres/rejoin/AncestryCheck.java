package dev.muster.postgres.rejoin;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.rejoin.Ancestry.Relation;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.postgres.wal.WalBytes;
import dev.muster.postgres.walscan.WalReader;
import dev.muster.postgres.walscan.WalRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds out how a stopped old primary is related to the new one (SAFETY Failover 9). Reads only. */
public final class AncestryCheck {
    /** How much of the common past is compared, in bytes. */
    private static final int COMPARED = 64 << 10;

    private final OldPrimary old;
    private final NewPrimary primary;
    private final NewPrimary.Identity identity;
    private final Optional<WalArchive> archive;
    private final List<String> doubts = new ArrayList<>();

    private AncestryCheck(OldPrimary old, NewPrimary primary, Optional<WalArchive> archive) {
        this.old = old;
        this.primary = primary;
        this.identity = primary.identity();
        this.archive = archive;
    }

    /**
     * @param directory of the old primary, stopped
     * @param archive of the cluster, for WAL that the old primary no longer has
     * @throws PostgresException TARGET_IN_USE, REJOIN_NO_DATA_DIRECTORY, CONTROL_FILE_DAMAGED, NEW_PRIMARY_IN_RECOVERY,
     *     OLD_WAL_MISSING, HISTORY_MISSING, HISTORY_DAMAGED, REJOIN_QUERY_FAILED
     */
    public static Ancestry of(
            Installation installation, Path directory, NewPrimary primary, Optional<WalArchive> archive) {
        return new AncestryCheck(OldPrimary.read(installation, directory), primary, archive).run();
    }

    private Ancestry run() {
        if (!old.control().systemId().equals(identity.systemId())) {
            return answer(
                    Relation.UNRELATED,
                    Lsn.INVALID,
                    Lsn.INVALID,
                    false,
                    "it is of system " + old.control().systemId() + ", the new primary of " + identity.systemId());
        }
        Optional<String> stranger = strangeTimeline();
        if (stranger.isPresent()) {
            return answer(Relation.PROMOTED_ELSEWHERE, Lsn.INVALID, Lsn.INVALID, false, stranger.get());
        }
        TimelineHistory path = old.history();
        int timeline = path.timeline();
        Lsn left = identity.history().endOf(timeline).orElse(identity.flushed());
        try (LocalWal wal = new LocalWal(old.wal(), path, identity.segmentSize(), archive)) {
            return compare(wal, timeline, left);
        }
    }

    private Ancestry compare(LocalWal wal, int timeline, Lsn left) {
        boolean beyond = old.control().redo().isAfter(left);
        End end = end(wal, beyond ? left : old.control().redo());
        if (end.position().isBefore(old.control().checkpoint())) {
            throw new PostgresException(
                    "OLD_WAL_MISSING",
                    "The old primary in " + old.directory() + " has its last checkpoint at "
                            + old.control().checkpoint() + ", and its WAL can be read to " + end.position() + " only",
                    "What it wrote after that cannot be salvaged without its WAL: look for pg_wal on another disk, or in"
                            + " a copy. Nothing was changed.");
        }
        boolean ahead = end.position().isAfter(left);
        Lsn fork = ahead ? left : end.position();
        if (!sameBefore(wal, fork)) {
            return answer(
                    Relation.UNRELATED,
                    Lsn.INVALID,
                    end.position(),
                    end.damaged(),
                    "its WAL before " + fork + " differs from the new primary's, although both are of one system"
                            + " identifier: one is a copy that went its own way");
        }
        if (!ahead) {
            return answer(
                    Relation.BEHIND,
                    fork,
                    end.position(),
                    end.damaged(),
                    "it ends at " + fork + " on timeline " + timeline + ", which the new primary has");
        }
        if (timeline == identity.timeline()) {
            return answer(
                    Relation.PROMOTED_ELSEWHERE,
                    fork,
                    end.position(),
                    end.damaged(),
                    "both are on timeline " + timeline + ", and it ends at " + end.position()
                            + ", after the new primary's " + left);
        }
        return answer(
                Relation.DIVERGED,
                fork,
                end.position(),
                end.damaged(),
                "the new primary left timeline " + timeline + " at " + fork + ", and it went on to " + end.position());
    }

    /** A timeline in its past or in its pg_wal that the new primary does not know, or knows another history of. */
    private Optional<String> strangeTimeline() {
        TimelineHistory path = identity.history();
        int timeline = old.control().timeline();
        if (!path.contains(timeline)) {
            return Optional.of("it is on timeline " + timeline + ", which is not in the history of the new primary's "
                    + identity.timeline());
        }
        for (Map.Entry<Integer, byte[]> file : old.historyFiles().entrySet()) {
            int other = file.getKey();
            TimelineHistory history = TimelineHistory.parse(other, file.getValue());
            if (!path.contains(other)) {
                return Optional.of("it has the history of timeline " + other
                        + ", which is not in the history of the new primary's " + identity.timeline());
            }
            List<TimelineHistory.Ancestor> same = path.ancestors().stream()
                    .filter(one -> one.timeline() < other)
                    .toList();
            if (!same.equals(history.ancestors())) {
                return Optional.of("its timeline " + other + " began elsewhere than the new primary's");
            }
        }
        return Optional.empty();
    }

    private record End(Lsn position, boolean damaged) {}

    private End end(LocalWal wal, Lsn from) {
        WalReader reader = new WalReader(wal, from);
        try {
            Optional<WalRecord> next = reader.next();
            while (next.isPresent()) {
                next = reader.next();
            }
            return new End(reader.position(), false);
        } catch (PostgresException e) {
            if (!e.code().equals("WAL_DAMAGED")) {
                throw e;
            }
            doubts.add(e.getMessage());
            Lsn last = old.segments(identity.segmentSize()).stream()
                    .filter(segment -> segment.timeline() == wal.timeline())
                    .map(SegmentName::end)
                    .max(Lsn::compareTo)
                    .orElse(reader.position());
            return new End(last, true);
        }
    }

    /** Whether the last bytes of the common past are the same: a cloned host has the same system identifier. */
    private boolean sameBefore(LocalWal wal, Lsn fork) {
        int size = identity.segmentSize();
        Lsn segment = fork.plus(-1).segmentStart(size);
        int length = (int) Math.min(COMPARED, fork.minus(segment));
        Lsn from = fork.plus(-length);
        Optional<byte[]> mine = read(wal, from, length);
        if (mine.isEmpty()) {
            doubts.add("The old primary no longer has the WAL before " + fork + ", so that it could not be compared");
            return true;
        }
        Optional<byte[]> theirs = theirs(from, length);
        if (theirs.isEmpty()) {
            doubts.add("Neither the new primary nor the archive has the WAL before " + fork
                    + " any more, so that it could not be compared");
            return true;
        }
        return Arrays.equals(mine.get(), theirs.get());
    }

    private Optional<byte[]> theirs(Lsn from, int length) {
        for (int timeline : identity.history().newestFirst()) {
            SegmentName segment = SegmentName.of(timeline, from, identity.segmentSize());
            if (identity.history().startOf(timeline).isAfter(segment.end())) {
                continue;
            }
            Optional<byte[]> found = primary.wal(segment.toString(), from.minus(segment.start()), length);
            if (found.isPresent()) {
                return found;
            }
        }
        int timeline = identity.history().timelineAt(from);
        return archive.flatMap(stored -> {
            try (WalBytes bytes = stored.read(timeline, from)) {
                return read(bytes, from, length);
            }
        });
    }

    private static Optional<byte[]> read(WalBytes wal, Lsn from, int length) {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            int read = wal.read(from.plus(done), bytes, done, length - done);
            if (read <= 0) {
                return Optional.empty();
            }
            done += read;
        }
        return Optional.of(bytes);
    }

    private Ancestry answer(Relation relation, Lsn fork, Lsn end, boolean damaged, String why) {
        return new Ancestry(
                old.directory(),
                old.control().systemId(),
                relation,
                old.control().timeline(),
                identity.timeline(),
                fork,
                end,
                identity.segmentSize(),
                old.controlHash(),
                damaged,
                doubts,
                why);
    }
}
