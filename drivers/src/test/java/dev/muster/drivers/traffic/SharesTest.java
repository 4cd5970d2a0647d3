package dev.muster.drivers.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SharesTest {
    @Test
    @DisplayName("Shares are percentages that are 100 together, or nobody's; a site without any is not there")
    void percentages() {
        assertThat(new Shares(Map.of("east", 100, "west", 0))).isEqualTo(Shares.only("east"));
        assertThat(new Shares(Map.of("east", 0))).isEqualTo(Shares.NOBODY);
        for (Map<String, Integer> wrong : List.of(
                Map.of("east", 99),
                Map.of("east", 150, "west", -50),
                Map.of("east", 100, "west", 1),
                Map.of(" ", 100))) {
            assertThatThrownBy(() -> new Shares(wrong))
                    .isInstanceOfSatisfying(
                            TrafficException.class, e -> assertThat(e.code()).isEqualTo("TRAFFIC_SHARES_INVALID"));
        }
    }

    @Test
    @DisplayName("Weights in any unit become percentages that are 100 together")
    void weights() {
        assertThat(Shares.ofWeights(Map.of("east", 1L, "west", 1L, "north", 1L)).bySite().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(100);
        assertThat(Shares.ofWeights(Map.of("east", 230L, "west", 26L)))
                .isEqualTo(new Shares(Map.of("east", 90, "west", 10)));
        assertThat(Shares.ofWeights(Map.of("east", 0L, "west", 0L))).isEqualTo(Shares.NOBODY);
        assertThat(Shares.ofWeights(Map.of("east", 1L, "west", 999L))).isEqualTo(Shares.only("west"));
    }

    @Test
    @DisplayName("What may be replaced is what the plan saw, what was reached on the way, and what is desired")
    void replaceable() {
        Desired desired =
                Desired.of(Shares.only("west"), "t").from(new Before(Shares.only("east"), java.time.Duration.ZERO));
        assertThat(desired.mayReplace(Shares.only("east"))).isTrue();
        assertThat(desired.mayReplace(Shares.only("west"))).isTrue();
        assertThat(desired.mayReplace(Shares.NOBODY)).isTrue();
        assertThat(desired.mayReplace(Shares.only("north"))).isFalse();
    }
}
