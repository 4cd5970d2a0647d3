package dev.muster.runbooks.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.runbooks.Runbook;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a repository is looked at.
 *
 * @param levels in the order of their depth
 * @param bytes that the level {@code content} reads at most; null for no limit
 * @param seconds that it takes at most; null for no limit
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Verifying(
        List<Runbook.Verify.Level> levels,
        @Nullable Long bytes,
        @Nullable Long seconds) {
    public Verifying {
        levels = List.copyOf(levels);
    }
}
