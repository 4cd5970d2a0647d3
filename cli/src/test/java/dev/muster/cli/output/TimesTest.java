package dev.muster.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class TimesTest {
    private final Times times = new Times(Clock.fixed(Instant.parse("2026-11-21T03:05:00Z"), ZoneOffset.UTC));

    @Test
    void aTimeIsToldInUtcToTheSecondWithItsAge() {
        assertThat(times.withAge(Instant.parse("2026-11-21T03:04:47.123Z")))
                .isEqualTo("2026-11-21T03:04:47Z (12s ago)");
        assertThat(times.withAge(Instant.parse("2026-11-21T02:05:01Z"))).isEqualTo("2026-11-21T02:05:01Z (59m ago)");
        assertThat(times.withAge(Instant.parse("2026-11-19T04:05:00Z"))).isEqualTo("2026-11-19T04:05:00Z (47h ago)");
        assertThat(times.withAge(Instant.parse("2026-11-12T03:05:00Z"))).isEqualTo("2026-11-12T03:05:00Z (9d ago)");
        assertThat(times.withAge(Instant.parse("2026-11-21T03:35:00Z"))).isEqualTo("2026-11-21T03:35:00Z (in 30m)");
    }

    @Test
    void aTimeThatIsAbsentIsEmpty() {
        assertThat(times.withAge(JsonNodeFactory.instance.missingNode())).isEmpty();
        assertThat(times.withAge(JsonNodeFactory.instance.textNode("soon"))).isEmpty();
    }

    @Test
    void howLongSomethingTookIsToldInWhatFits() {
        assertThat(took("2026-11-21T03:00:00Z", "2026-11-21T03:00:00.840Z")).isEqualTo("0.8s");
        assertThat(took("2026-11-21T03:00:00Z", "2026-11-21T03:04:12Z")).isEqualTo("4m 12s");
        assertThat(took("2026-11-21T03:00:00Z", "2026-11-21T05:04:12Z")).isEqualTo("2h 4m");
    }

    private static String took(String from, String to) {
        return Times.between(JsonNodeFactory.instance.textNode(from), JsonNodeFactory.instance.textNode(to));
    }
}
