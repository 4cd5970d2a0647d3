package dev.muster.api.runs;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A run with all that happened in it so far. */
@Schema(name = "RunDetails", description = "A run with all that happened in it so far")
record RunSnapshot(
        RunView run,

        @Schema(description = "In the order in which they began")
        List<StepView> steps,

        @Schema(description = "In the order in which they were presented, refused ones too")
        List<ApprovalView> approvals,

        @Schema(
                description = "What the run brought and measured against what was promised; absent until it ends",
                implementation = Object.class)
        @JsonRawValue
        @Nullable String report) {}
