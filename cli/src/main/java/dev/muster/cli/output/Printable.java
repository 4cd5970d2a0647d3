package dev.muster.cli.output;

/** Text of others made safe for a terminal: no control characters, so nothing in it can move the cursor or hide lines. */
public final class Printable {
    private Printable() {}

    /** In one line. */
    public static String line(String text) {
        return safe(text, false);
    }

    /** With its line breaks. */
    public static String block(String text) {
        return safe(text, true);
    }

    private static String safe(String text, boolean breaks) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (point == '\n' && breaks) {
                safe.append('\n');
            } else if (point == '\n' || point == '\r' || point == '\t') {
                safe.append(' ');
            } else if (Character.isISOControl(point)
                    || Character.getType(point) == Character.FORMAT
                    || Character.getType(point) == Character.SURROGATE) {
                safe.append('?');
            } else {
                safe.appendCodePoint(point);
            }
        });
        return safe.toString();
    }
}
