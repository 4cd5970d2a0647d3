package dev.muster.workflows.schedules;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What applying does, or did, to one schedule.
 *
 * @param name in full, {@code <system>/<name>}
 * @param fields where the server differs, for {@link Kind#UPDATE}
 * @param problem why it could not be done; null if it could, or was not tried
 */
public record ScheduleChange(
        String name,
        Kind kind,
        List<Difference> fields,
        @Nullable String problem) {
    public ScheduleChange {
        fields = List.copyOf(fields);
    }

    /** What is to be done. */
    public enum Kind {
        CREATE,
        UPDATE,
        UNCHANGED,
        /** It is on the server and in none of the files; left alone. */
        UNMANAGED,
        DELETE
    }

    /** A field that differs. */
    public record Difference(String field, String onServer, String wanted) {}

    ScheduleChange failed(String why) {
        return new ScheduleChange(name, kind, fields, why);
    }
}
