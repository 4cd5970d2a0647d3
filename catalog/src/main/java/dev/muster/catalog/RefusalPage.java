package dev.muster.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refusals, newest first.
 *
 * @param next what continues the list behind these; null at its end
 */
public record RefusalPage(List<Refusal> refusals, @Nullable String next) {
    public RefusalPage {
        refusals = List.copyOf(refusals);
    }
}
