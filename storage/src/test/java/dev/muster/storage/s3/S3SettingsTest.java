package dev.muster.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.storage.StoreUrl;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3SettingsTest {
    private static final long MIB = 1L << 20;

    @Test
    @DisplayName("The parts of one upload hold 5 TiB, the usual ones are of one size, and none is larger than an array")
    void fiveTebibytes() {
        S3Settings settings = S3Settings.of(StoreUrl.parse("s3://bucket?region=x"));
        long total = 0;
        int before = 0;
        for (int part = 0; part < settings.maxParts(); part++) {
            int size = settings.partSize(part);
            assertThat(size).isGreaterThanOrEqualTo(before).isLessThan(Integer.MAX_VALUE - 8);
            before = size;
            total += size;
        }
        assertThat(total).isGreaterThanOrEqualTo(5L << 40);
        assertThat(settings.partSize(0)).isEqualTo(settings.partSize(4_999)).isEqualTo((int) (16 * MIB));
    }

    @ParameterizedTest
    @CsvSource({"5MiB,100", "512MiB,10000", "512MiB,100"})
    @DisplayName("Parts never shrink and always fit an array, whatever their first size and their number")
    void anySetting(String partSize, int parts) {
        S3Settings settings =
                S3Settings.of(StoreUrl.parse("s3://bucket?region=x&part-size=" + partSize + "&max-parts=" + parts));
        for (int part = 1; part < parts; part++) {
            assertThat(settings.partSize(part))
                    .isGreaterThanOrEqualTo(settings.partSize(part - 1))
                    .isLessThan(Integer.MAX_VALUE - 8);
        }
    }

    @Test
    @DisplayName("A request has the more time the more content it has, and says what the URL says without")
    void timeouts() {
        S3Settings settings = S3Settings.of(StoreUrl.parse("s3://bucket?region=x&call-timeout=10s"));
        assertThat(settings.timeout(0)).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.timeout(16 * MIB)).isGreaterThan(Duration.ofSeconds(170));
    }
}
