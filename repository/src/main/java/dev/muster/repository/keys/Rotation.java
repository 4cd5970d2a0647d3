package dev.muster.repository.keys;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A new master key that is asked for.
 *
 * @param scope the source that it is to be for, or null for all that have no key of their own
 * @param holders who is to open it. The first one's slot is written last: where that is the key that backups are written
 *     with, a rotation that dies half way leaves no key in use that the others lack
 * @param leaveOthersOut whether those who open the key of today and are not among the holders are meant to lose access
 *     to what is written from now on
 */
public record Rotation(@Nullable String scope, List<WrappingKey> holders, boolean leaveOthersOut) {
    public Rotation {
        holders = List.copyOf(holders);
        if (holders.isEmpty()) {
            throw new IllegalArgumentException("A key that nobody opens is none");
        }
        if (scope != null && !scope.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new IllegalArgumentException("Not a source: " + scope);
        }
    }
}
