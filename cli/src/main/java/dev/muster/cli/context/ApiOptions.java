package dev.muster.cli.context;

import dev.muster.cli.client.ApiClient;
import dev.muster.cli.output.Format;
import dev.muster.cli.output.Output;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What every verb over the API takes. */
public final class ApiOptions {
    @Option(
            names = "--context",
            paramLabel = "NAME",
            description =
                    "The installation to speak to (default: $MUSTER_API and $MUSTER_TOKEN, else the context in use).")
    private @Nullable String context;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The file of contexts (default: $MUSTER_CONFIG, else ~/.config/muster/contexts.json).")
    private @Nullable Path config;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            converter = Format.Converter.class,
            completionCandidates = Format.Candidates.class,
            description = "table for people, json for scripts: what the API answered (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TABLE;

    /** Whether the command line says something of this. */
    public boolean given() {
        return context != null || config != null || format != Format.TABLE;
    }

    /** Whether the command line says which installation. */
    public boolean named() {
        return context != null || config != null;
    }

    /** Whether there is a context to speak to when nothing is said. */
    public boolean inUse() {
        return ContextFile.of(config, System.getenv()).read().inUse().isPresent();
    }

    /** The API and the token for it. */
    public Target target() {
        return Target.choose(context, ContextFile.of(config, System.getenv()), System.getenv());
    }

    public ApiClient connect() {
        return connect(target());
    }

    public static ApiClient connect(Target target) {
        return ApiClient.to(target.api().uri(), target.token(), target.authorities());
    }

    public Output output(CommandSpec spec) {
        return new Output(spec, format);
    }
}
