package dev.muster.drivers.traffic;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/** Asks again until it is so: every half second, or as told. */
public record Patience(Clock clock, Duration between) {
    public static final Duration USUAL = Duration.ofMillis(500);

    public static Patience usual() {
        return new Patience(Clock.systemUTC(), USUAL);
    }

    /**
     * @param usualTtl how long answers live in caches where the plan does not say; absent where there are no caches
     */
    public Verification verify(
            Supplier<Observation> observe,
            Desired desired,
            Instant deadline,
            Optional<Duration> usualTtl,
            Progress progress) {
        Observation last = observe.get();
        while (!last.fulfils(desired.shares()) && clock.instant().isBefore(deadline)) {
            List<Fault> missing = missing(last, desired.shares());
            progress.at(missing.isEmpty() ? "nobody to ask" : missing.get(0).message());
            pause();
            last = observe.get();
        }
        if (!last.fulfils(desired.shares())) {
            return new Verification(
                    Verification.Standing.NOT_YET, last, missing(last, desired.shares()), Optional.empty());
        }
        // Until a moment ago one place may have given the old answer to a cache.
        Instant proven = clock.instant();
        return new Verification(
                Verification.Standing.PROVEN,
                last,
                List.of(),
                usualTtl.map(
                        usual -> proven.plus(desired.before().map(Before::ttl).orElse(usual))));
    }

    private static List<Fault> missing(Observation last, Shares desired) {
        List<Fault> missing = new ArrayList<>();
        for (Place place : last.places()) {
            place.fault().ifPresent(missing::add);
            place.shown()
                    .filter(shown -> !shown.fulfils(desired))
                    .ifPresent(shown -> missing.add(new Fault(
                            "TRAFFIC_NOT_YET",
                            place.name() + " does not show " + desired + ": " + shows(shown),
                            "Wait longer, or look at it there: does it get its changes?")));
        }
        return missing;
    }

    private static String shows(Answer.Shown shown) {
        return shown.sites() + (shown.strangers().isEmpty() ? "" : ", and of no site: " + shown.strangers()) + " ("
                + shown.detail() + ")";
    }

    public void pause() {
        try {
            Thread.sleep(between.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("Interrupted while waiting for traffic to move");
        }
    }
}
