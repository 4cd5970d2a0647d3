package dev.muster.catalog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Where the catalogue's password is found, read at each use: {@code env:NAME} or {@code file:/absolute/path}. */
public final class PasswordReference implements Supplier<String> {
    private static final int LARGEST = 64 * 1024;

    private final String reference;

    private PasswordReference(String reference) {
        this.reference = reference;
    }

    /** @throws CatalogException CATALOG_PASSWORD_MISSING if the text is no reference */
    public static PasswordReference of(String reference) {
        if (!reference.matches("env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:/[^\\x00-\\x1f]{1,1023}")) {
            // Without the text: it may be the password itself.
            throw new CatalogException(
                    "CATALOG_PASSWORD_MISSING",
                    "The catalogue's password is not given by a reference.",
                    "Give env:NAME or file:/absolute/path, never the password itself.");
        }
        return new PasswordReference(reference);
    }

    @Override
    public String get() {
        String value = reference.substring(reference.indexOf(':') + 1);
        if (reference.startsWith("env:")) {
            String password = System.getenv(value);
            if (password == null) {
                throw missing("the environment has no " + value, null);
            }
            return password;
        }
        try {
            Path file = Path.of(value);
            if (Files.size(file) > LARGEST) {
                throw missing(value + " is larger than " + LARGEST + " bytes", null);
            }
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw missing(value + " cannot be read", e);
        }
    }

    private static CatalogException missing(String why, @org.jspecify.annotations.Nullable Throwable cause) {
        String message = "The catalogue's password is not there: " + why + ".";
        String hint = "Does the reference name the right variable or file, and may this user read it?";
        return cause == null
                ? new CatalogException("CATALOG_PASSWORD_MISSING", message, hint)
                : new CatalogException("CATALOG_PASSWORD_MISSING", message, hint, cause);
    }

    @Override
    public String toString() {
        return reference;
    }
}
