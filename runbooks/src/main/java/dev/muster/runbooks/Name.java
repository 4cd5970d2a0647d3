package dev.muster.runbooks;

import java.util.regex.Pattern;

/** Names of systems, sites, databases and the like: part of task queues, workflow ids and object keys. */
public final class Name {
    /** Also the pattern in the JSON schemas. */
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    private Name() {}

    /** Whether the text is a name: 1 to 63 of a to z, 0 to 9 and hyphen, not a hyphen first. */
    public static boolean possible(String text) {
        return FORM.matcher(text).matches();
    }

    /** @throws IllegalArgumentException if the text is no name */
    public static String check(String what, String text) {
        if (!possible(text)) {
            throw new IllegalArgumentException(
                    "A " + what + "'s name has 1 to 63 of a-z, 0-9 and '-', not '" + text + "'");
        }
        return text;
    }
}
