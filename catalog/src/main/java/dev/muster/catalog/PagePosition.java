package dev.muster.catalog;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/** The last row of a page as the opaque text that continues behind it. */
final class PagePosition {
    static final int MOST = 500;

    private PagePosition() {}

    static String write(String position) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(position.getBytes(StandardCharsets.US_ASCII));
    }

    /** @throws CatalogException CURSOR_INVALID if it is not one that {@link #write} made */
    static String read(String cursor, Pattern form) {
        if (cursor.length() <= 200) {
            try {
                String position = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
                if (form.matcher(position).matches()) {
                    return position;
                }
            } catch (IllegalArgumentException e) {
                throw invalid(e);
            }
        }
        throw invalid(null);
    }

    private static CatalogException invalid(@org.jspecify.annotations.Nullable Throwable cause) {
        String message = "The page's cursor is not one that this list gave.";
        String hint = "Give 'next' of the page before unchanged, or leave it out to begin with the newest.";
        return cause == null
                ? new CatalogException("CURSOR_INVALID", message, hint)
                : new CatalogException("CURSOR_INVALID", message, hint, cause);
    }

    /** @throws IllegalArgumentException if a page of this size is not given out */
    static int limit(int limit) {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("A page has 1 to " + MOST + " rows, not " + limit);
        }
        return limit;
    }
}
