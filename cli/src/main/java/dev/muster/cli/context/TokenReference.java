package dev.muster.cli.context;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a token is found: {@code env:NAME} or {@code file:/absolute/path}. The token itself is kept nowhere by us. */
public record TokenReference(String text) {
    private static final Pattern FORM =
            Pattern.compile("env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:/[^\\x00-\\x1f]{1,1023}");
    private static final Pattern TOKEN = Pattern.compile("[!-~]{1,1000}");
    private static final long LARGEST = 64 * 1024;

    /** @throws CliException TOKEN_REFERENCE_INVALID */
    public TokenReference {
        if (!FORM.matcher(text).matches()) {
            // Without the text: it may be the token itself.
            throw new CliException(
                    "TOKEN_REFERENCE_INVALID",
                    "The token is not given by a reference.",
                    "Give env:NAME or file:/absolute/path, never the token itself.",
                    ExitCode.BAD_INPUT);
        }
    }

    /**
     * The token as it is now.
     *
     * @throws CliException TOKEN_UNREADABLE
     */
    public String read(Map<String, String> environment) {
        String place = text.substring(text.indexOf(':') + 1);
        String token = text.startsWith("env:") ? environment.get(place) : content(Path.of(place));
        if (token == null) {
            throw unreadable("the environment has no " + place, null);
        }
        String stripped = token.strip();
        if (!TOKEN.matcher(stripped).matches()) {
            throw unreadable(text + " holds no token: it is empty, too long or has blanks or line breaks in it", null);
        }
        return stripped;
    }

    private static String content(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw unreadable(file + " is larger than " + LARGEST + " bytes", null);
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw unreadable(file + " cannot be read", e);
        }
    }

    private static CliException unreadable(String why, @Nullable Throwable cause) {
        return new CliException(
                "TOKEN_UNREADABLE",
                "The token cannot be read: " + why + ".",
                "Does the context's reference name the right variable or file, and may this user read it?"
                        + " A token is made by: muster token create.",
                ExitCode.BAD_INPUT,
                List.of(),
                cause);
    }

    @Override
    public String toString() {
        return text;
    }
}
