package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * What opens a repository, found by the worker that uses it: {@code file:/path} of a key file, {@code
 * passphrase:env:NAME}, {@code passphrase:file:/path}, {@code local-kms:/path}, {@code aws-kms:ARN?region=R&endpoint=URL}.
 * It holds no secret itself.
 */
public record KeyReference(@JsonValue String text) {
    private static final String PATH = "/[^\\x00-\\x1f]{1,1023}";
    private static final Pattern FORM = Pattern.compile("file:" + PATH + "|passphrase:env:[A-Za-z_][A-Za-z0-9_]{0,127}"
            + "|passphrase:file:" + PATH + "|local-kms:" + PATH
            + "|aws-kms:arn:aws[a-z-]{0,20}:kms:[a-z0-9-]{1,30}:[0-9]{12}:key/[A-Za-z0-9-]{1,128}"
            + "(\\?(region|endpoint)=[^\\x00-\\x20&@]{1,300}(&(region|endpoint)=[^\\x00-\\x20&@]{1,300})?)?");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public KeyReference {
        if (!possible(text)) {
            // Without the text: it may be the secret itself.
            throw new IllegalArgumentException("Not a reference to a key. Expected file:/path, passphrase:env:NAME,"
                    + " passphrase:file:/path, local-kms:/path or aws-kms:ARN of a key.");
        }
    }

    /** Whether the text is such a reference at all. */
    public static boolean possible(String text) {
        return FORM.matcher(text).matches();
    }

    /** The file that it reads; empty if it reads none. */
    public String file() {
        int path = text.indexOf(":/") + 1;
        return text.startsWith("aws-kms:") || path == 0 ? "" : text.substring(path);
    }

    @Override
    public String toString() {
        return text;
    }
}
