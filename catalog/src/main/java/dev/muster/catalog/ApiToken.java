package dev.muster.catalog;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A token without its secret.
 *
 * @param id stands in the token itself and in lists
 * @param expires null if it does not expire
 * @param revoked null if it was not revoked
 */
public record ApiToken(
        String id,
        String subject,
        Set<Role> roles,
        Instant created,
        @Nullable Instant expires,
        @Nullable Instant revoked) {
    public ApiToken {
        roles = Set.copyOf(roles);
    }
}
