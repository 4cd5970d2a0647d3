package dev.muster.runbooks.lookup;

import dev.muster.runbooks.Problem;

/**
 * A host that others than its own worker must reach.
 *
 * @param host a name or an address
 * @param field such as {@code spec.endpoints[0].sql.host}
 */
public record MentionedHost(String host, Problem.Position position, String field) {}
