package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.plan.StoredPlan;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file's text, as it is read, shown in problems and hashed.
 *
 * @param file its name, for people
 * @param text at most {@link #LARGEST} UTF-8 bytes; longer ones are refused when they are read
 */
public record SourceText(String file, String text) {
    /** Bytes. A bound against files that were never meant for us. */
    public static final int LARGEST = 1024 * 1024;

    /** @throws RunbookException FILE_UNREADABLE, FILE_TOO_LARGE or NOT_TEXT */
    public static SourceText of(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return new SourceText(path.toString(), decode(path.toString(), in.readNBytes(LARGEST + 1)));
        } catch (IOException e) {
            throw refused(
                    path.toString(),
                    "FILE_UNREADABLE",
                    "The file cannot be read: " + e.getClass().getSimpleName() + ".",
                    "Is the path right, and may this user read it?");
        }
    }

    private static String decode(String file, byte[] bytes) {
        if (bytes.length > LARGEST) {
            throw refused(file, tooLarge());
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refused(file, "NOT_TEXT", "The file is not UTF-8 text.", "Is it the right file? Save it as UTF-8.");
        }
    }

    static Problem tooLarge() {
        return Problem.of(
                "FILE_TOO_LARGE",
                "The file is larger than " + LARGEST + " bytes.",
                "Is it the right file? Split it by system.");
    }

    private static RunbookException refused(String file, String code, String message, String hint) {
        return refused(file, Problem.of(code, message, hint));
    }

    private static RunbookException refused(String file, Problem problem) {
        return new RunbookException(
                problem.code(), java.util.List.of(problem.at(Optional.of(new Problem.Position(file, 1, 1)))));
    }

    /** SHA-256 of the text's UTF-8 bytes, hexadecimal. */
    public String hash() {
        return StoredPlan.hash(text.getBytes(StandardCharsets.UTF_8));
    }
}
