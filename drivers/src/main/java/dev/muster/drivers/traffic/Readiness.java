package dev.muster.drivers.traffic;

import java.util.List;

/**
 * Whether a change would be possible, asked without changing anything.
 *
 * @param refusals for each of these alone it would not
 * @param warnings it would, but somebody should know
 */
public record Readiness(List<Fault> refusals, List<Fault> warnings) {
    public Readiness {
        refusals = List.copyOf(refusals);
        warnings = List.copyOf(warnings);
    }

    public boolean possible() {
        return refusals.isEmpty();
    }
}
