package dev.muster.cli.repo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.cli.CliException;
import dev.muster.postgres.restore.RecoveryTarget;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "2026-11-21T03:00:00+01:00, 2026-11-21T02:00:00Z",
        "2026-11-21T02:00:00Z, 2026-11-21T02:00:00Z",
        "2026-11-21T02:00Z, 2026-11-21T02:00:00Z",
        "2026-11-21 03:00:00.123456+01, 2026-11-21T02:00:00.123456Z",
        "2026-11-21 02:00:00 UTC, 2026-11-21T02:00:00Z",
        "2026-11-21 02:00:00.5 GMT, 2026-11-21T02:00:00.5Z",
        "2026-11-21 07:45:00 +05:45, 2026-11-21T02:00:00Z"
    })
    void aTimeIsTakenAsIso8601WritesItAndAsPostgresShowsIt(String text, Instant meant) {
        assertThat(TargetOptions.parse("time:" + text, false)).isEqualTo(new RecoveryTarget.Time(meant, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2026-11-21T03:00:00", "2026-11-21 03:00", "2026-11-21 03:00:00 CET", "03:00Z", "yesterday"})
    void aTimeWithoutItsZoneIsNeverGuessed(String text) {
        assertThatThrownBy(() -> TargetOptions.parse("time:" + text, false))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("zone");
    }
}
