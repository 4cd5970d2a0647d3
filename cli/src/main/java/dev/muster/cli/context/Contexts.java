package dev.muster.cli.context;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All contexts by name, and the one in use.
 *
 * @param current null if none is in use
 */
public record Contexts(@Nullable String current, Map<String, Context> byName) {
    static final Contexts NONE = new Contexts(null, Map.of());

    public Contexts {
        byName = java.util.Collections.unmodifiableMap(new TreeMap<>(byName));
    }

    /** @throws CliException CONTEXT_UNKNOWN */
    public Context find(String name) {
        Context found = byName.get(name);
        if (found == null) {
            throw new CliException(
                    "CONTEXT_UNKNOWN",
                    "There is no context '" + name + "'.",
                    byName.isEmpty()
                            ? "There is none yet: muster context add NAME --api URL --token file:/PATH."
                            : "There are: " + String.join(", ", byName.keySet()) + ".",
                    ExitCode.BAD_INPUT);
        }
        return found;
    }

    Optional<Context> inUse() {
        return Optional.ofNullable(current).map(this::find);
    }

    /** The first one is in use at once; another one only when it is chosen. */
    Contexts with(Context context, boolean replace) {
        if (!context.name().matches(Context.NAME)) {
            throw new CliException(
                    "CONTEXT_NAME_INVALID",
                    "'" + context.name() + "' is no name of a context.",
                    "Letters, digits, dot, minus and underscore; at most 63, the first a letter or digit.",
                    ExitCode.BAD_INPUT);
        }
        if (byName.containsKey(context.name()) && !replace) {
            throw new CliException(
                    "CONTEXT_EXISTS",
                    "There is a context '" + context.name() + "' already.",
                    "Choose another name, or give --replace.",
                    ExitCode.BAD_INPUT);
        }
        Map<String, Context> more = new TreeMap<>(byName);
        more.put(context.name(), context);
        return new Contexts(byName.isEmpty() ? context.name() : current, more);
    }

    Contexts using(String name) {
        return new Contexts(find(name).name(), byName);
    }

    /** None is in use afterwards if this one was: the next verb must not go to an installation by accident. */
    Contexts without(String name) {
        Map<String, Context> fewer = new TreeMap<>(byName);
        fewer.remove(find(name).name());
        return new Contexts(name.equals(current) ? null : current, fewer);
    }
}
