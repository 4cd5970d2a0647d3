package dev.muster.postgres.rowreturn;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Builds the pieces of SQL that are needed for tables whose columns are only known at run time. */
final class Sql {
    private Sql() {}

    static String quote(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    static String quote(String schema, String name) {
        return quote(schema) + "." + quote(name);
    }

    static String columns(Collection<String> names) {
        return names.stream().map(Sql::quote).collect(Collectors.joining(", "));
    }

    static String columns(String alias, Collection<String> names) {
        return names.stream().map(name -> alias + "." + quote(name)).collect(Collectors.joining(", "));
    }

    /** A row's whole content as one text that differs whenever a column's text differs; works for every type. */
    static String content(String alias, Collection<String> names) {
        return names.stream()
                .map(name -> alias + "." + quote(name) + "::text")
                .collect(Collectors.joining(", ", "row(", ")::text"));
    }

    /** A sum over rows that does not depend on their order. */
    static String hash(String content) {
        return "coalesce(sum(('x' || substr(md5(" + content + "), 1, 15))::bit(60)::bigint), 0)::text";
    }

    static String equal(String left, String right, List<String> names) {
        return names.stream()
                .map(name -> left + "." + quote(name) + " = " + right + "." + quote(name))
                .collect(Collectors.joining(" and "));
    }
}
