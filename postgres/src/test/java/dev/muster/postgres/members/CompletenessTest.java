package dev.muster.postgres.members;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.members.Completeness.LastKnown;
import dev.muster.postgres.members.Observation.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CompletenessTest {
    private static final Instant STOPPED = Instant.parse("2026-01-01T00:00:00Z");

    static Observation standby(String name, int timeline, long received, Instant at) {
        Position position = new Position.Replaying(new Lsn(received), new Lsn(received), Optional.empty(), false);
        return new Observation(
                name,
                at,
                at,
                180000,
                "1",
                timeline,
                position,
                Optional.empty(),
                List.of(),
                List.of(),
                "",
                "on",
                false,
                true);
    }

    private static LastKnown known(String names, String commit, List<String> streaming) {
        return new LastKnown("p", "1", 1, SynchronousNames.parse(names), commit, streaming, Optional.empty());
    }

    private static Completeness of(String names, Observation... reachable) {
        return Completeness.of(known(names, "on", List.of()), STOPPED, List.of(reachable));
    }

    @Test
    @DisplayName("Where commits wait for standbys, only one that is provably complete may be promoted (Failover 6)")
    void aCandidateIsCompleteOnlyWhereEnoughCanBeAsked() {
        Observation a = standby("a", 1, 100, STOPPED);
        Observation b = standby("b", 1, 200, STOPPED);
        Observation other = standby("x", 1, 200, STOPPED);
        assertThat(of("a", a).complete()).containsExactly("a");
        assertThat(of("FIRST 1 (a, b)", a).complete())
                .as("b may have stood in for a")
                .isEmpty();
        assertThat(of("ANY 1 (a, b)", a).complete()).isEmpty();
        assertThat(of("ANY 1 (a, b)", a, b, other).complete()).containsExactlyInAnyOrder("b", "x");
        assertThat(of("ANY 2 (a, b, c)", a, b).complete()).containsExactly("b");
        assertThat(of("FIRST 2 (p, a, b)", a).complete())
                .as("the primary is passed over")
                .containsExactly("a");
        assertThat(of("FIRST 1 (*)", a, b).complete()).isEmpty();
        assertThat(of("", a, b).complete()).isEmpty();
        assertThat(of("A", a).complete())
                .as("names are compared without regard to case")
                .containsExactly("a");
    }

    @Test
    @DisplayName(
            "What was seen before the stop, on another timeline, or under a doubled name proves nothing (Failover 6)")
    void whatProvesNothingIsNotCounted() {
        assertThat(of("a", standby("a", 1, 100, STOPPED.minusMillis(1))).complete())
                .isEmpty();
        assertThat(of("a", standby("a", 2, 100, STOPPED)).complete()).isEmpty();
        List<Observation> seen = List.of(standby("a", 1, 100, STOPPED));
        assertThat(Completeness.of(known("a", "on", List.of("a", "A")), STOPPED, seen)
                        .complete())
                .isEmpty();
        for (String commit : List.of("off", "local", "remote_write")) {
            assertThat(Completeness.of(known("a", commit, List.of("a")), STOPPED, seen)
                            .complete())
                    .isEmpty();
        }
        LastKnown ended = new LastKnown("p", "1", 1, Optional.empty(), "on", List.of(), Optional.of(new Lsn(100)));
        assertThat(Completeness.of(ended, STOPPED, seen).complete()).containsExactly("a");
    }

    @Test
    @DisplayName("In 20,000 random histories no candidate that was called complete lacks an acknowledged commit"
            + " (Failover 6)")
    void neverIsAnAcknowledgedCommitMissing() {
        int proved = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            int standbys = 1 + random.nextInt(5);
            int count = 1 + random.nextInt(standbys);
            boolean any = random.nextBoolean();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < standbys; i++) {
                names.add("s" + i);
            }
            Map<String, Long> received = new TreeMap<>();
            names.forEach(name -> received.put(name, 0L));
            received.put("unlisted", 0L);
            long acknowledged = history(random, names, count, any, received);
            List<Observation> reachable = new ArrayList<>();
            received.forEach((name, position) -> {
                if (random.nextInt(3) > 0) {
                    reachable.add(standby(name, 1, position, STOPPED));
                }
            });
            String setting = (any ? "ANY " : "FIRST ") + count + " (" + String.join(", ", names) + ")";
            Completeness found = Completeness.of(known(setting, "on", names), STOPPED, reachable);
            for (String complete : found.complete()) {
                assertThat(received.get(complete))
                        .as("seed %d: %s after %s; %s", seed, complete, setting, found.why())
                        .isGreaterThanOrEqualTo(acknowledged);
            }
            proved += found.complete().isEmpty() ? 0 : 1;
        }
        assertThat(proved).as("histories in which somebody could be promoted").isGreaterThan(5_000);
    }

    /** Commits with standbys that come, go and lag; an acknowledgement is given as PostgreSQL gives it. */
    private static long history(Random random, List<String> names, int count, boolean any, Map<String, Long> received) {
        long written = 0;
        long acknowledged = 0;
        List<String> connected = new ArrayList<>(received.keySet());
        for (int step = 0; step < 30; step++) {
            written += 1 + random.nextInt(5);
            if (random.nextInt(3) == 0) {
                connected = new ArrayList<>(received.keySet());
                Collections.shuffle(connected, random);
                connected = connected.subList(0, random.nextInt(connected.size() + 1));
            }
            for (String name : connected) {
                if (random.nextBoolean()) {
                    long most = written;
                    received.computeIfPresent(name, (key, at) -> at + (long) (random.nextDouble() * (most - at + 1)));
                }
            }
            List<String> there = new ArrayList<>(names);
            there.retainAll(connected);
            if (there.size() >= count) {
                List<Long> positions = new ArrayList<>();
                (any ? there : there.subList(0, count)).forEach(name -> positions.add(received.get(name)));
                positions.sort(Collections.reverseOrder());
                acknowledged = Math.max(acknowledged, positions.get(count - 1));
            }
        }
        return acknowledged;
    }
}
