package dev.muster.cli.schedules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.cli.CliException;
import dev.muster.cli.schedules.WayOptions.Over;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WayOptionsTest {
    private static final Map<String, String> NOTHING = Map.of();
    private static final Map<String, String> API = Map.of("MUSTER_API", "https://muster.example");
    private static final Map<String, String> TEMPORAL = Map.of("TEMPORAL_ADDRESS", "temporal.example:7233");
    private static final Map<String, String> BOTH =
            Map.of("MUSTER_API", "https://muster.example", "TEMPORAL_ADDRESS", "temporal.example:7233");

    private static Over choose(boolean named, Map<String, String> environment, boolean inUse) {
        return WayOptions.choose(null, named, environment, () -> inUse);
    }

    @Test
    void whatTheCommandLineSaysCountsBeforeEverything() {
        assertThat(WayOptions.choose(Over.temporal, false, API, () -> true)).isEqualTo(Over.temporal);
        assertThat(WayOptions.choose(Over.api, false, TEMPORAL, () -> false)).isEqualTo(Over.api);
        assertThat(choose(true, TEMPORAL, false)).isEqualTo(Over.api);
    }

    @Test
    void whatTheEnvironmentNamesCountsBeforeAContext() {
        assertThat(choose(false, API, false)).isEqualTo(Over.api);
        assertThat(choose(false, TEMPORAL, true)).isEqualTo(Over.temporal);
        assertThat(choose(false, Map.of("TEMPORAL_ADDRESS", " "), true)).isEqualTo(Over.api);
    }

    @Test
    void withoutAnyItIsTheContextInUseAndElseTemporalByItsOwnSettings() {
        assertThat(choose(false, NOTHING, true)).isEqualTo(Over.api);
        assertThat(choose(false, NOTHING, false)).isEqualTo(Over.temporal);
    }

    @Test
    void anEnvironmentThatNamesBothIsNotGuessedAt() {
        assertThatThrownBy(() -> choose(false, BOTH, true))
                .isInstanceOfSatisfying(
                        CliException.class, error -> assertThat(error.code()).isEqualTo("WAY_UNCLEAR"));
        assertThat(choose(true, BOTH, true)).isEqualTo(Over.api);
    }
}
