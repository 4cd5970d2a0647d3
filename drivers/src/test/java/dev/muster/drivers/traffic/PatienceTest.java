package dev.muster.drivers.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final Patience PATIENCE = new Patience(Clock.systemUTC(), Duration.ofMillis(1));
    private static final Desired WEST = Desired.of(Shares.only("west"), "t");

    @Test
    @DisplayName(
            "Places that agree on the old answer, or partly on the new one, are asked again until all show the new one")
    void asksAgain() {
        Deque<Observation> answers = new ArrayDeque<>(List.of(
                seen(shown("east"), shown("east")),
                seen(shown("west"), shown("east")),
                seen(shown("west"), new Answer.Silent(new Fault("TRAFFIC_UNREACHABLE", "away", "wait"))),
                seen(shown("west"), state(SiteTraffic.State.DOWN)),
                seen(shown("west"), shown("west"))));
        List<String> told = new ArrayList<>();
        Verification proof =
                PATIENCE.verify(answers::removeFirst, WEST, Instant.now().plusSeconds(60), Optional.empty(), told::add);
        assertThat(proof.standing()).isEqualTo(Verification.Standing.PROVEN);
        assertThat(answers).isEmpty();
        assertThat(told).hasSize(4);
    }

    @Test
    @DisplayName("Old answers live for the TTL that the plan saw, and for the usual one where it saw none")
    void caches() {
        Instant asked = Instant.now();
        Desired planned = WEST.from(new Before(Shares.only("east"), Duration.ofHours(2)));
        assertThat(until(planned))
                .isBetween(asked.plusSeconds(7200), Instant.now().plusSeconds(7200));
        assertThat(until(WEST)).isBetween(asked.plusSeconds(60), Instant.now().plusSeconds(60));
    }

    private static Instant until(Desired desired) {
        return PATIENCE.verify(
                        () -> seen(shown("west")),
                        desired,
                        Instant.now(),
                        Optional.of(Duration.ofSeconds(60)),
                        Progress.UNWATCHED)
                .oldAnswersUntil()
                .orElseThrow();
    }

    @Test
    @DisplayName("With no place at all nothing is proven, and the deadline is kept")
    void nobodyToAsk() {
        assertThat(PATIENCE.verify(
                                () -> seen(), WEST, Instant.now().plusMillis(20), Optional.empty(), Progress.UNWATCHED)
                        .standing())
                .isEqualTo(Verification.Standing.NOT_YET);
    }

    @Test
    @DisplayName("Whoever is told of progress can end the wait")
    void cancelled() {
        assertThatThrownBy(
                        () -> PATIENCE.verify(() -> seen(shown("east")), WEST, Instant.MAX, Optional.empty(), what -> {
                            throw new CancellationException(what);
                        }))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("does not show west=100");
    }

    private static Observation seen(Answer... answers) {
        List<Place> places = new ArrayList<>();
        for (Answer answer : answers) {
            places.add(new Place("place " + places.size(), "asked", answer));
        }
        return new Observation(Instant.now(), places);
    }

    private static Answer.Shown shown(String site) {
        return Answer.Shown.of(List.of("east", "west"), Shares.only(site), Duration.ZERO, "");
    }

    private static Answer.Shown state(SiteTraffic.State state) {
        return new Answer.Shown(
                new TreeMap<>(Map.of("west", new SiteTraffic(100, state, Optional.empty(), Optional.empty()))),
                List.of(),
                Duration.ZERO,
                "");
    }
}
