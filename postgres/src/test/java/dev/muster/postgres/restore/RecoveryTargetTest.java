package dev.muster.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.TimeZone;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RecoveryTargetTest {
    @Test
    @DisplayName("A target's time says its zone, whatever this process or the server takes for its own"
            + " (PostgreSQL recovery 4)")
    void aTimeSaysItsZone() {
        RecoveryTarget.Time target = new RecoveryTarget.Time(Instant.parse("2026-10-25T01:30:00.123456Z"), false);
        TimeZone before = TimeZone.getDefault();
        try {
            for (String zone : new String[] {"UTC", "Europe/Berlin", "Asia/Kathmandu"}) {
                TimeZone.setDefault(TimeZone.getTimeZone(zone));
                assertThat(target.settings())
                        .containsEntry("recovery_target_time", "2026-10-25 01:30:00.123456+00:00")
                        .containsEntry("recovery_target_inclusive", "off");
            }
        } finally {
            TimeZone.setDefault(before);
        }
    }
}
