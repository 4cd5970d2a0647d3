package dev.muster.workflows.recovery;

import dev.muster.workflows.run.StepResult;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Rows that a transaction had deleted, back in the live database.
 *
 * @param verifiedAt when they were read back from the live database and found equal
 */
public record ReturnedRows(List<Relation> relations, Instant verifiedAt) implements StepResult {
    /**
     * One relation's rows. {@code deleted = returned + alreadyThere + conflicting}.
     *
     * @param deleted by the transaction
     * @param returned inserted into the live database by this attempt
     * @param alreadyThere found there with equal content, from an earlier attempt or put back by somebody
     * @param conflicting whose key is taken by a row of other content, left as that is
     */
    public record Relation(String name, long deleted, long returned, long alreadyThere, long conflicting) {}

    /** Rows of all relations that are in the live database again. */
    public long back() {
        return relations.stream()
                .mapToLong(relation -> relation.returned() + relation.alreadyThere())
                .sum();
    }

    @Override
    public String detail() {
        StringBuilder text = new StringBuilder();
        for (Relation relation : relations) {
            text.append(text.isEmpty() ? "" : "; ")
                    .append(String.format(
                            Locale.ROOT,
                            "%s: %,d of %,d deleted rows are back",
                            relation.name(),
                            relation.returned() + relation.alreadyThere(),
                            relation.deleted()));
            if (relation.conflicting() > 0) {
                text.append(String.format(Locale.ROOT, ", %,d conflict", relation.conflicting()));
            }
        }
        return text.toString();
    }
}
