package dev.muster.api.schedules;

import dev.muster.workflows.schedules.ScheduleChange;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What applying did, or would do. */
@Schema(name = "AppliedSchedules", description = "What applying did, or would do")
record AppliedView(
        @Schema(description = "Whether nothing was done") boolean dryRun, List<Change> changes) {

    /** What applying does to one schedule. */
    @Schema(name = "ScheduleChange", description = "What applying did, or would do, to one schedule")
    record Change(
            @Schema(description = "In full: <system>/<name>")
            String name,

            @Schema(description = "CREATE, UPDATE, UNCHANGED, UNMANAGED, DELETE")
            String kind,

            @Schema(description = "Where the server differs")
            List<Difference> fields,

            @Schema(description = "Why it could not be done; absent if it could, or was not tried") @Nullable String problem) {
        static Change of(ScheduleChange change) {
            return new Change(
                    change.name(),
                    change.kind().name(),
                    change.fields().stream()
                            .map(field -> new Difference(field.field(), field.onServer(), field.wanted()))
                            .toList(),
                    change.problem());
        }
    }

    /** A field that differs. */
    @Schema(name = "ScheduleDifference", description = "A field in which the server differs")
    record Difference(String field, String onServer, String wanted) {}

    static AppliedView of(boolean dryRun, List<ScheduleChange> changes) {
        return new AppliedView(dryRun, changes.stream().map(Change::of).toList());
    }
}
