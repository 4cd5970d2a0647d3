package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.Scenario;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The runbooks that come with the program: one per scenario, named like it, and one for each further kind of backup of
 * the default timetable. They name no system, so they run for any that is given with them.
 */
public final class ShippedRunbooks {
    /** {@code shipped:restore-test} stands for the shipped runbook of that name wherever a file can be named. */
    public static final String PREFIX = "shipped:";

    /** The shipped file of schedules, {@code shipped:default-timetable}. */
    static final String DEFAULT_TIMETABLE = "default-timetable";

    private static final String INCREMENTAL = "backup-incremental";
    private static final String ARCHIVAL = "backup-archival";

    private ShippedRunbooks() {}

    public static List<String> names() {
        return Stream.concat(Arrays.stream(Scenario.values()).map(Scenario::id), Stream.of(INCREMENTAL, ARCHIVAL))
                .toList();
    }

    /** @throws RunbookException UNKNOWN_SHIPPED_RUNBOOK */
    public static SourceText source(String name) {
        if (!names().contains(name)) {
            throw new RunbookException(Problem.of(
                    "UNKNOWN_SHIPPED_RUNBOOK",
                    "There is no shipped runbook '" + CommonFields.shortened(name) + "'.",
                    Nearest.hint("Shipped are", name, names())));
        }
        return resource(name);
    }

    /** The shipped file of schedules. */
    static SourceText defaultTimetable() {
        return resource(DEFAULT_TIMETABLE);
    }

    private static SourceText resource(String name) {
        String resource = "/dev/muster/runbooks/shipped/" + name + ".yaml";
        try (InputStream in = ShippedRunbooks.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("The shipped file " + resource + " is not in this build");
            }
            return new SourceText(PREFIX + name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
