package dev.muster.postgres.promotion;

import dev.muster.postgres.PostgresVersion;
import dev.muster.storage.testing.Thorough;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** SAFETY "PostgreSQL recovery" 12: the same on each supported version of PostgreSQL. */
@Thorough
@ParameterizedClass(name = "PostgreSQL {0}")
@MethodSource("versions")
class SwitchoverOnOlderPostgresTest extends SwitchoverTest {
    SwitchoverOnOlderPostgresTest(int major) {
        PostgresVersion.use(major);
    }

    static IntStream versions() {
        return PostgresVersion.older();
    }

    @AfterEach
    void backToTheNewest() {
        PostgresVersion.useNewest();
    }
}
