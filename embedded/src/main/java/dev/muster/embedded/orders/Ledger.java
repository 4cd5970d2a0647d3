package dev.muster.embedded.orders;

import dev.muster.embedded.EmbeddedException;
import dev.muster.postgres.Lsn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the writer knows of its payments, read from its ledger: the truth that a recovered copy is measured against. The
 * attack is not in it, and neither is anything that the database alone believes.
 */
public final class Ledger {
    /** Says which transactions a database has committed. */
    @FunctionalInterface
    public interface Committed {
        /**
         * @param xids transaction ids with their epochs, in decimal
         * @return those that are committed there
         */
        Set<String> among(Collection<String> xids);
    }

    /**
     * The payments that must be there.
     *
     * @param asked how many transactions could not be placed by the ledger alone, so that the database was asked
     */
    public record Expected(PaymentsDigest payments, int asked) {}

    private final Path file;
    private final LedgerLine.Base base;
    private final Map<Long, LedgerLine.Intent> intents = new LinkedHashMap<>();
    private final Map<Long, LedgerLine.Outcome> outcomes = new HashMap<>();

    private Ledger(Path file, LedgerLine.Base base) {
        this.file = file;
        this.base = base;
    }

    /**
     * Reads what is in the file now; it may be growing. A last line without its end is left out: it was being written.
     *
     * @throws EmbeddedException LEDGER_DAMAGED, LEDGER_UNREADABLE
     */
    public static Ledger read(Path file) {
        @Nullable Ledger ledger = null;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long length = wholeLines(channel);
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
            long read = 0;
            long number = 0;
            while (read < length) {
                String text = reader.readLine();
                if (text == null) {
                    break;
                }
                read += text.getBytes(StandardCharsets.UTF_8).length + 1L;
                String where = "Line " + ++number + " of " + file;
                LedgerLine line = LedgerFormat.read(text, where);
                if (line instanceof LedgerLine.Base first && ledger == null) {
                    ledger = new Ledger(file, first);
                } else if (ledger != null && line instanceof LedgerLine.Intent intent) {
                    ledger.intents.put(intent.sequence(), intent);
                } else if (ledger != null
                        && line instanceof LedgerLine.Outcome outcome
                        && ledger.intents.containsKey(outcome.sequence())) {
                    ledger.outcomes.put(outcome.sequence(), outcome);
                } else {
                    throw new EmbeddedException(
                            "LEDGER_DAMAGED",
                            where + " does not follow from the lines before it",
                            "The ledger begins with its base, and an outcome follows its intent. Was it cut?");
                }
            }
        } catch (IOException e) {
            throw new EmbeddedException(
                    "LEDGER_UNREADABLE", "Cannot read " + file, "Is it there, and may this user read it?", e);
        }
        if (ledger == null) {
            throw new EmbeddedException(
                    "LEDGER_DAMAGED", file + " has no base line", "The ledger is created after the load of the data.");
        }
        return ledger;
    }

    /** How many bytes up to and with the last line feed. */
    static long wholeLines(FileChannel channel) throws IOException {
        long end = channel.size();
        java.nio.ByteBuffer one = java.nio.ByteBuffer.allocate(1);
        while (end > 0) {
            one.clear();
            channel.read(one, end - 1);
            if (one.get(0) == '\n') {
                return end;
            }
            end--;
        }
        return 0;
    }

    public LedgerLine.Base base() {
        return base;
    }

    /** Transactions of which the server has said that they are committed. */
    public long commits() {
        return outcomes.values().stream().filter(LedgerLine.Outcome::committed).count();
    }

    /** The intents whose outcome is not known, oldest first, by sequence. */
    Map<Long, LedgerLine.Intent> inDoubt() {
        Map<Long, LedgerLine.Intent> open = new LinkedHashMap<>(intents);
        open.keySet().removeAll(outcomes.keySet());
        return open;
    }

    long lastSequence() {
        return intents.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /**
     * The payments of a database that holds exactly what was committed up to a position: a commit that ended at or
     * before it is in, one that began after it is out; for those in between the database is asked.
     *
     * @throws EmbeddedException LEDGER_TARGET_BEFORE_BASE if the position is before the load of the data
     */
    public Expected at(Lsn target, Committed database) {
        if (target.isBefore(base.position())) {
            throw new EmbeddedException(
                    "LEDGER_TARGET_BEFORE_BASE",
                    "The ledger " + file + " begins at " + base.position() + " and knows nothing of " + target,
                    "Choose a recovery point after the load of the data.");
        }
        PaymentsDigest expected = base.payments();
        Map<String, LedgerLine.Intent> unplaced = new LinkedHashMap<>();
        for (LedgerLine.Intent intent : notRolledBack()) {
            if (!intent.before().isBefore(target)) {
                continue;
            }
            Optional<LedgerLine.Outcome> outcome = Optional.ofNullable(outcomes.get(intent.sequence()));
            Optional<Lsn> after = outcome.flatMap(LedgerLine.Outcome::after);
            if (after.isPresent() && !after.get().isAfter(target)) {
                expected = expected.with(intent.payments());
            } else {
                unplaced.put(intent.xid(), intent);
            }
        }
        return with(expected, unplaced, database);
    }

    /**
     * The payments of a database that is being written to, as of one snapshot of it: whatever the snapshot shows as
     * committed. Take the snapshot first and read the ledger after it, and no commit is missed.
     */
    public Expected in(Committed snapshot) {
        Map<String, LedgerLine.Intent> all = new LinkedHashMap<>();
        notRolledBack().forEach(intent -> all.put(intent.xid(), intent));
        return with(base.payments(), all, snapshot);
    }

    /** Without those that are known to be lost: a crashed server may have given their ids to others since. */
    private List<LedgerLine.Intent> notRolledBack() {
        return intents.values().stream()
                .filter(intent -> {
                    LedgerLine.Outcome outcome = outcomes.get(intent.sequence());
                    return outcome == null || outcome.committed();
                })
                .toList();
    }

    private static Expected with(PaymentsDigest start, Map<String, LedgerLine.Intent> unplaced, Committed database) {
        PaymentsDigest expected = start;
        Set<String> committed = unplaced.isEmpty() ? Set.of() : new HashSet<>(database.among(unplaced.keySet()));
        for (Map.Entry<String, LedgerLine.Intent> entry : unplaced.entrySet()) {
            if (committed.contains(entry.getKey())) {
                expected = expected.with(entry.getValue().payments());
            }
        }
        return new Expected(expected, unplaced.size());
    }
}
