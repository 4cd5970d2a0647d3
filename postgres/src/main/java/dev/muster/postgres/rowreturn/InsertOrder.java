package dev.muster.postgres.rowreturn;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The order in which tables can be filled, parents before children.
 *
 * @param tables oids in that order; those in a circle of references last
 * @param circular whether some tables refer to each other in a circle: only deferred constraints let these be filled
 */
record InsertOrder(List<Long> tables, boolean circular) {
    /** A foreign key from {@code child} to {@code parent}. */
    record Reference(long child, long parent) {}

    static InsertOrder of(List<Long> tables, Set<Reference> references) {
        List<Long> ordered = new ArrayList<>();
        Set<Long> left = new LinkedHashSet<>(tables);
        while (!left.isEmpty()) {
            List<Long> ready = left.stream()
                    .filter(table -> references.stream()
                            .noneMatch(reference -> reference.child() == table
                                    && reference.parent() != table
                                    && left.contains(reference.parent())))
                    .toList();
            if (ready.isEmpty()) {
                ordered.addAll(left);
                return new InsertOrder(List.copyOf(ordered), true);
            }
            ordered.addAll(ready);
            ready.forEach(left::remove);
        }
        return new InsertOrder(List.copyOf(ordered), false);
    }
}
