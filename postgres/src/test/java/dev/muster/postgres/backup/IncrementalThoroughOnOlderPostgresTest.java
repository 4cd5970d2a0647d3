package dev.muster.postgres.backup;

import dev.muster.postgres.PostgresVersion;
import dev.muster.storage.testing.Thorough;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** SAFETY "PostgreSQL recovery" 12: the same on the oldest PostgreSQL, which has no WAL summaries, and the first that has. */
@Thorough
@ParameterizedClass(name = "PostgreSQL {0}")
@MethodSource("versions")
class IncrementalThoroughOnOlderPostgresTest extends IncrementalThoroughTest {
    IncrementalThoroughOnOlderPostgresTest(int major) {
        PostgresVersion.use(major);
    }

    static IntStream versions() {
        return IntStream.of(14, 17);
    }

    @Override
    int rounds() {
        return 6;
    }

    @AfterEach
    void backToTheNewest() {
        PostgresVersion.useNewest();
    }
}
