package dev.muster.postgres.members;

import dev.muster.postgres.PostgresException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code synchronous_standby_names} says, read as PostgreSQL reads it.
 *
 * @param method which of the listed standbys a commit waits for
 * @param count for how many
 * @param names as {@code application_name} is compared: without regard to case; {@code *} stands for any
 */
public record SynchronousNames(Method method, int count, List<String> names) {
    private static final Pattern HEAD =
            Pattern.compile("\\s*(?:(FIRST|ANY)\\s+)?(\\d{1,9})\\s*\\((.*)\\)\\s*", Pattern.CASE_INSENSITIVE);
    /** A name is a quoted text, in which a doubled quote is one, or a run of other signs. */
    private static final Pattern NAME = Pattern.compile("\\s*(?:\"((?:[^\"]|\"\")+)\"|([^\\s,()\"]+))\\s*(,|$)");

    /** Which ones. */
    public enum Method {
        /** The first ones that are connected, in the order of the list. */
        FIRST,
        /** Whichever answer first. */
        ANY
    }

    public SynchronousNames {
        names = List.copyOf(names);
        if (count < 1 || names.isEmpty()) {
            throw new IllegalArgumentException("A commit waits for at least one standby of a list");
        }
    }

    /**
     * @param setting the parameter's value
     * @return empty if it is blank: commits wait for no standby
     * @throws PostgresException SYNCHRONOUS_NAMES_INVALID
     */
    public static Optional<SynchronousNames> parse(String setting) {
        if (setting.isBlank()) {
            return Optional.empty();
        }
        Matcher head = HEAD.matcher(setting);
        if (!head.matches()) {
            return Optional.of(new SynchronousNames(Method.FIRST, 1, names(setting, setting)));
        }
        int count = Integer.parseInt(head.group(2));
        if (count < 1) {
            throw invalid(setting);
        }
        Method method = Method.valueOf(
                Optional.ofNullable(head.group(1)).orElse("FIRST").toUpperCase(Locale.ROOT));
        return Optional.of(new SynchronousNames(method, count, names(head.group(3), setting)));
    }

    private static List<String> names(String list, String setting) {
        List<String> names = new ArrayList<>();
        Matcher matcher = NAME.matcher(list);
        int at = 0;
        boolean more = true;
        while (more) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw invalid(setting);
            }
            String quoted = matcher.group(1);
            names.add(quoted == null ? matcher.group(2) : quoted.replace("\"\"", "\""));
            more = matcher.group(3).equals(",");
            at = matcher.end();
        }
        if (at != list.length()) {
            throw invalid(setting);
        }
        return names;
    }

    private static PostgresException invalid(String setting) {
        return new PostgresException(
                "SYNCHRONOUS_NAMES_INVALID",
                "Not a value of synchronous_standby_names: '" + setting + "'",
                "Compare it with the server's own documentation: FIRST 1 (a, b), ANY 1 (a, b), or a list of names.");
    }

    /** Whether any standby that connects may count. */
    public boolean anybody() {
        return names.contains("*");
    }

    /** Whether a standby of that {@code application_name} may count. */
    public boolean lists(String applicationName) {
        return anybody() || names.stream().anyMatch(name -> name.equalsIgnoreCase(applicationName));
    }
}
