package dev.muster.cli.context;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An installation's API and where one's token for it is found.
 *
 * @param authorities a PEM file; only certificates that these authorities signed are believed. Null for the JDK's own
 */
public record Context(
        String name,
        ApiAddress api,
        TokenReference token,
        @Nullable Path authorities) {
    /** The form of a name. */
    static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
}
