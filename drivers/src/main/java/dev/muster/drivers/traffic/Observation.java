package dev.muster.drivers.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Where traffic goes now, as each place says itself. */
public record Observation(Instant at, List<Place> places) {
    public Observation {
        places = List.copyOf(places);
    }

    /** What all places show; empty if one is silent, one shows strangers, or two differ. */
    public Optional<Shares> agreed() {
        List<Answer.Shown> shown =
                places.stream().flatMap(place -> place.shown().stream()).toList();
        boolean all = !shown.isEmpty()
                && shown.size() == places.size()
                && shown.stream().allMatch(answer -> answer.strangers().isEmpty())
                && shown.stream().map(Answer.Shown::shares).distinct().count() == 1;
        return all ? Optional.of(shown.get(0).shares()) : Optional.empty();
    }

    /** The longest life in caches of any answer given now. */
    public Duration ttl() {
        return places.stream()
                .flatMap(place -> place.shown().stream())
                .map(Answer.Shown::ttl)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    /** For a plan: what is agreed, and how long it lives in caches. */
    public Optional<Before> before() {
        return agreed().map(shares -> new Before(shares, ttl()));
    }

    public boolean fulfils(Shares desired) {
        return !places.isEmpty()
                && places.stream()
                        .allMatch(place -> place.shown()
                                .filter(shown -> shown.fulfils(desired))
                                .isPresent());
    }
}
