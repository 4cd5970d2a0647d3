package dev.muster.storage.check;

import java.util.List;

/**
 * What a check found.
 *
 * @param url of the store
 * @param items in the order in which they were looked at
 */
public record CheckReport(String url, List<CheckItem> items) {
    public CheckReport {
        items = List.copyOf(items);
    }

    /** The worst of all. */
    public Verdict verdict() {
        return items.stream()
                .map(CheckItem::verdict)
                .reduce(Verdict.OK, (worst, next) -> next.compareTo(worst) > 0 ? next : worst);
    }
}
