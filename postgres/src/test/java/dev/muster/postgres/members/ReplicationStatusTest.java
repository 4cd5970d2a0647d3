package dev.muster.postgres.members;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.members.Observation.Position;
import dev.muster.postgres.members.Observation.Sender;
import dev.muster.postgres.members.Observation.Slot;
import dev.muster.postgres.members.SynchronousNames.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReplicationStatusTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static Observation member(String name, int timeline, Position position, String... senders) {
        List<Sender> rows = Stream.of(senders)
                .map(sender -> new Sender(
                        sender,
                        Optional.empty(),
                        "streaming",
                        "async",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()))
                .toList();
        Slot lost = new Slot("s", true, false, Optional.empty(), Optional.of("lost"), Optional.empty());
        return new Observation(
                name,
                NOW,
                NOW,
                180000,
                "1",
                timeline,
                position,
                Optional.empty(),
                senders.length > 2 ? List.of(lost) : List.of(),
                rows,
                "",
                "on",
                false,
                true);
    }

    private static Position writing(long at) {
        return new Position.Writing(new Lsn(at), new Lsn(at));
    }

    private static Position replaying(long received, long replayed, Optional<Instant> commit) {
        return new Position.Replaying(new Lsn(received), new Lsn(replayed), commit, false);
    }

    @Test
    @DisplayName("Two members that take writes are an alarm, and none is called the primary (Failover 8)")
    void twoPrimariesAreAnAlarm() {
        ReplicationStatus status = ReplicationStatus.judge(
                Set.of("a", "b"), Set.of(), List.of(member("a", 1, writing(9)), member("b", 2, writing(9))));
        assertThat(status.primaries()).containsExactlyInAnyOrder("a", "b");
        assertThat(status.lags()).isEmpty();
        assertThat(status.alarms()).containsExactly("More than one member takes writes: a, b");
    }

    @Test
    void silenceIsNotTheAbsenceOfAPrimary() {
        Observation b = member("b", 1, replaying(5, 5, Optional.empty()));
        assertThat(ReplicationStatus.judge(Set.of("a", "b"), Set.of(), List.of(b))
                        .alarms())
                .contains("No member that answered takes writes; not known: a");
        assertThat(ReplicationStatus.judge(Set.of("b"), Set.of(), List.of(b)).alarms())
                .contains("No member takes writes");
    }

    @Test
    void otherTimelinesStrangersLostSlotsAndLagAreNamed() {
        ReplicationStatus status = ReplicationStatus.judge(
                Set.of("a", "b", "c", "d"),
                Set.of("muster"),
                List.of(
                        member("a", 2, writing(1000), "b", "muster", "spy"),
                        member("b", 2, replaying(900, 700, Optional.of(NOW.minusSeconds(5))), "c"),
                        member("c", 1, replaying(900, 900, Optional.empty())),
                        member("d", 2, replaying(1000, 1000, Optional.of(NOW.minusSeconds(3600))))));
        assertThat(status.lagOf("b").orElseThrow()).isEqualTo(new Lag(100, 300, Optional.of(Duration.ofSeconds(5))));
        assertThat(status.lagOf("c").orElseThrow().age())
                .as("it has replayed no commit: nobody knows")
                .isEmpty();
        assertThat(status.lagOf("d").orElseThrow().age())
                .as("an idle primary is not lag")
                .contains(Duration.ZERO);
        assertThat(status.alarms())
                .containsExactly(
                        "Member c is on timeline 1, primary a on 2",
                        "Slot s on a has lost its WAL",
                        "Standby d is not seen to stream from any member",
                        "'spy' streams from a and is no member of the system");
    }

    @Test
    void theListOfSynchronousStandbysIsReadAsTheServerReadsIt() {
        assertThat(SynchronousNames.parse(" ")).isEmpty();
        assertThat(SynchronousNames.parse("a, \"b c\"\"d\"").orElseThrow())
                .isEqualTo(new SynchronousNames(Method.FIRST, 1, List.of("a", "b c\"d")));
        assertThat(SynchronousNames.parse("2 (a,b)").orElseThrow())
                .isEqualTo(new SynchronousNames(Method.FIRST, 2, List.of("a", "b")));
        assertThat(SynchronousNames.parse("any 1 (\"db-1\", \"db-2\")").orElseThrow())
                .isEqualTo(new SynchronousNames(Method.ANY, 1, List.of("db-1", "db-2")));
        assertThat(SynchronousNames.parse("*").orElseThrow().lists("whoever")).isTrue();
        for (String wrong : List.of("ANY 0 (a)", "ANY 1 ()", "a,,b", "a b", "FIRST 1 (a", "(a)")) {
            assertThatThrownBy(() -> SynchronousNames.parse(wrong)).as(wrong).isInstanceOf(PostgresException.class);
        }
    }

    @Test
    @DisplayName("The loss is an interval, and a candidate beyond the limit is refused (Failover 5)")
    void theLossIsAnInterval() {
        LossEstimate stopped = LossEstimate.of(new Lsn(1000), NOW, NOW, new Lsn(400), Optional.of(new Lsn(900)));
        assertThat(stopped.atLeast()).isEqualTo(100);
        assertThat(stopped.atMost()).contains(100L);
        LossEstimate silent = LossEstimate.of(new Lsn(1000), NOW, NOW.plusSeconds(7), new Lsn(1000), Optional.empty());
        assertThat(silent.atLeast()).isZero();
        assertThat(silent.atMost())
                .as("what it wrote in these seven seconds is not known")
                .isEmpty();
        assertThat(silent.age()).isEqualTo(Duration.ofSeconds(7));
        stopped.refuseBeyond(100);
        assertThatThrownBy(() -> stopped.refuseBeyond(99))
                .isInstanceOfSatisfying(
                        PostgresException.class,
                        refused -> assertThat(refused.code()).isEqualTo("CANDIDATE_BEHIND"));
    }
}
