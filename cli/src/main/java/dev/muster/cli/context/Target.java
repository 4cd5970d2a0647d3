package dev.muster.cli.context;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * To which API a verb speaks, as whom.
 *
 * @param name of the context; empty if the environment says it all
 * @param authorities as in {@link Context}
 */
public record Target(
        String name, ApiAddress api, String token, @Nullable Path authorities) {
    /**
     * A context that the command line names counts alone. Else MUSTER_API and MUSTER_TOKEN count before the context in
     * use; but a context's token never goes to another address than the context's own.
     *
     * @throws CliException CONTEXT_UNKNOWN, CONTEXT_NONE, TOKEN_MISSING, TOKEN_UNREADABLE and what the file brings
     */
    static Target choose(@Nullable String named, ContextFile file, Map<String, String> environment) {
        if (named != null) {
            Context context = file.read().find(named);
            return of(context, context.token().read(environment));
        }
        Optional<String> token = value(environment, "MUSTER_TOKEN");
        Optional<String> api = value(environment, "MUSTER_API");
        if (api.isPresent()) {
            return new Target(
                    "",
                    ApiAddress.parse(
                            api.get(), value(environment, "MUSTER_PLAIN_HTTP").equals(Optional.of("1"))),
                    token.map(text -> secret(text, environment)).orElseThrow(Target::withoutToken),
                    value(environment, "MUSTER_CA").map(Path::of).orElse(null));
        }
        Context context = file.read().inUse().orElseThrow(() -> none(file.path()));
        return of(
                context,
                token.map(text -> secret(text, environment))
                        .orElseGet(() -> context.token().read(environment)));
    }

    private static Target of(Context context, String token) {
        return new Target(context.name(), context.api(), token, context.authorities());
    }

    private static Optional<String> value(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(text -> !text.isBlank());
    }

    /** The variable holds the token itself, or where it is. */
    private static String secret(String text, Map<String, String> environment) {
        return text.startsWith("file:") || text.startsWith("env:")
                ? new TokenReference(text).read(environment)
                : new TokenReference("env:MUSTER_TOKEN").read(environment);
    }

    static CliException none(Path file) {
        return new CliException(
                "CONTEXT_NONE",
                "No API is chosen: " + file + " has no context in use.",
                "muster context use NAME, or --context NAME; muster context add makes one. Or set MUSTER_API and"
                        + " MUSTER_TOKEN. Without an API: muster run, approve, status RUN and schedules --over temporal"
                        + " speak to Temporal.",
                ExitCode.BAD_INPUT);
    }

    private static CliException withoutToken() {
        return new CliException(
                "TOKEN_MISSING",
                "MUSTER_API is set and MUSTER_TOKEN is not; a context's token is not sent to another address.",
                "Set MUSTER_TOKEN too, or unset MUSTER_API to use a context.",
                ExitCode.BAD_INPUT);
    }

    @Override
    public String toString() {
        return name.isEmpty() ? api.toString() : name + " (" + api + ")";
    }
}
