package dev.muster.repository.retention;

import dev.muster.repository.CommittedBackup;
import java.util.List;

/**
 * What becomes of a committed backup.
 *
 * @param reasons every one, at least one
 */
public record Verdict(CommittedBackup backup, boolean kept, List<Reason> reasons) {
    public Verdict {
        reasons = List.copyOf(reasons);
        if (reasons.isEmpty()) {
            throw new IllegalArgumentException("A verdict over " + backup.id() + " without a reason");
        }
    }
}
