package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * Where a secret is found by the worker that uses it: {@code env:NAME} or {@code file:/absolute/path}. The secret
 * itself never stands in a file, plan, log or history.
 */
public record SecretReference(@JsonValue String text) {
    private static final Pattern FORM =
            Pattern.compile("env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:/[^\\x00-\\x1f]{1,1023}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public SecretReference {
        if (!possible(text)) {
            // Without the text: it may be the secret itself.
            throw new IllegalArgumentException("Not a reference to a secret. Expected env:NAME or file:/path.");
        }
    }

    /** Whether the text is a reference at all. */
    public static boolean possible(String text) {
        return FORM.matcher(text).matches();
    }

    /** {@code env} or {@code file}. */
    public String scheme() {
        return text.substring(0, text.indexOf(':'));
    }

    /** The variable's name or the absolute path. */
    public String value() {
        return text.substring(text.indexOf(':') + 1);
    }

    @Override
    public String toString() {
        return text;
    }
}
