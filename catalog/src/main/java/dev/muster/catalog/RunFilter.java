package dev.muster.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which runs to list; null members let every run pass.
 *
 * @param from started at this time or later
 * @param to started before this time
 */
public record RunFilter(
        @Nullable String system,
        @Nullable String scenario,
        @Nullable String state,
        @Nullable String verdict,
        @Nullable String requester,
        @Nullable String schedule,
        @Nullable Instant from,
        @Nullable Instant to) {
    /** Every run. */
    public static final RunFilter ALL = new RunFilter(null, null, null, null, null, null, null, null);

    private static final int LONGEST = 200;

    /** @throws CatalogException FILTER_INVALID if a text is longer than 200 characters or holds control characters */
    public RunFilter {
        expectText("system", system);
        expectText("scenario", scenario);
        expectText("state", state);
        expectText("verdict", verdict);
        expectText("requester", requester);
        expectText("schedule", schedule);
    }

    private static void expectText(String name, @Nullable String value) {
        // PostgreSQL refuses NUL in any text; such a value would otherwise surface as a fault of the catalogue.
        if (value != null && (value.length() > LONGEST || value.chars().anyMatch(Character::isISOControl))) {
            throw new CatalogException(
                    "FILTER_INVALID",
                    "The filter '" + name + "' is longer than " + LONGEST + " characters or holds control characters.",
                    "Filter by a name as it is listed.");
        }
    }

    public RunFilter withSystem(String wanted) {
        return new RunFilter(wanted, scenario, state, verdict, requester, schedule, from, to);
    }

    public RunFilter withScenario(String wanted) {
        return new RunFilter(system, wanted, state, verdict, requester, schedule, from, to);
    }

    public RunFilter withState(String wanted) {
        return new RunFilter(system, scenario, wanted, verdict, requester, schedule, from, to);
    }

    public RunFilter withVerdict(String wanted) {
        return new RunFilter(system, scenario, state, wanted, requester, schedule, from, to);
    }

    public RunFilter withRequester(String wanted) {
        return new RunFilter(system, scenario, state, verdict, wanted, schedule, from, to);
    }

    public RunFilter withSchedule(String wanted) {
        return new RunFilter(system, scenario, state, verdict, requester, wanted, from, to);
    }

    public RunFilter startedBetween(@Nullable Instant earliest, @Nullable Instant before) {
        return new RunFilter(system, scenario, state, verdict, requester, schedule, earliest, before);
    }
}
