package dev.muster.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs, newest first.
 *
 * @param next what continues the list behind these; null at its end
 */
public record RunPage(List<RunRecord> runs, @Nullable String next) {
    public RunPage {
        runs = List.copyOf(runs);
    }
}
