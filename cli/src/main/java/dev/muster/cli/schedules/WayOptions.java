package dev.muster.cli.schedules;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** By which way a verb reaches schedules. What is said counts; what is not clear is asked, never guessed. */
final class WayOptions {
    /** What can be written after {@code --over}. */
    enum Over {
        api,
        temporal
    }

    private static final List<String> NAMES_TEMPORAL =
            List.of("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE");

    @Mixin
    private ApiOptions api = new ApiOptions();

    @Option(
            names = "--over",
            paramLabel = "WAY",
            description = "${COMPLETION-CANDIDATES} (default: the API with --context, MUSTER_API or a context in use;"
                    + " Temporal itself with TEMPORAL_ADDRESS, or where there is no context).")
    private @Nullable Over over;

    ScheduleWay open() {
        return switch (choose(over, api.named(), System.getenv(), api::inUse)) {
            case api -> new OverApi(api.connect());
            case temporal -> PastApi.connect();
        };
    }

    Output output(CommandSpec spec) {
        return api.output(spec);
    }

    /**
     * @param named whether the command line names a context
     * @param inUse whether a context is in use
     * @throws CliException WAY_UNCLEAR
     */
    static Over choose(@Nullable Over said, boolean named, Map<String, String> environment, BooleanSupplier inUse) {
        if (said != null) {
            return said;
        }
        if (named) {
            return Over.api;
        }
        boolean api = isSet(environment, "MUSTER_API");
        boolean temporal = NAMES_TEMPORAL.stream().anyMatch(name -> isSet(environment, name));
        if (api && temporal) {
            throw new CliException(
                    "WAY_UNCLEAR",
                    "The environment names an API (MUSTER_API) and a Temporal server (TEMPORAL_ADDRESS).",
                    "Say which: --over api, or --over temporal.",
                    ExitCode.BAD_INPUT);
        }
        return api || (!temporal && inUse.getAsBoolean()) ? Over.api : Over.temporal;
    }

    private static boolean isSet(Map<String, String> environment, String name) {
        return !environment.getOrDefault(name, "").isBlank();
    }
}
