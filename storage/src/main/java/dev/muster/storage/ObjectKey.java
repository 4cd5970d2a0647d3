package dev.muster.storage;

import java.util.regex.Pattern;

/**
 * The rule for names of objects, the same for every driver, so that what one store takes can be copied to any other:
 * parts of ASCII letters, digits and {@code . _ - + = @}, joined by {@code /}. A part does not begin with a dot, which
 * also rules out {@code .} and {@code ..} and leaves such names to drivers for files of their own.
 */
public final class ObjectKey {
    /** In characters, which are bytes here. S3 allows 1,024. */
    public static final int MAX_LENGTH = 1024;

    /** Of one part between slashes; what file systems allow. */
    public static final int MAX_PART_LENGTH = 255;

    private static final String PART = "[A-Za-z0-9_+=@-][A-Za-z0-9._+=@-]{0," + (MAX_PART_LENGTH - 1) + "}";
    private static final Pattern KEY = Pattern.compile(PART + "(/" + PART + ")*+");
    private static final Pattern PREFIX = Pattern.compile("(" + PART + "/)*+(" + PART + ")?");

    private ObjectKey() {}

    /**
     * @return the key
     * @throws StoreException INVALID_KEY
     */
    public static String check(String key) {
        if (!valid(key)) {
            throw invalid("name", key);
        }
        return key;
    }

    /** What is not is no object of Muster's, and drivers pass over it where they find it. */
    public static boolean valid(String key) {
        return key.length() <= MAX_LENGTH && KEY.matcher(key).matches();
    }

    /**
     * The beginning of a key, as a listing takes it; it may be empty or end inside a part.
     *
     * @throws StoreException INVALID_KEY
     */
    public static String checkPrefix(String prefix) {
        if (prefix.length() > MAX_LENGTH || !PREFIX.matcher(prefix).matches()) {
            throw invalid("prefix", prefix);
        }
        return prefix;
    }

    private static StoreException invalid(String what, String text) {
        return new StoreException(
                "INVALID_KEY",
                "Not an object " + what + ": '" + printable(text) + "'.",
                "Use parts of letters, digits and . _ - + = @ joined by /, none empty, longer than " + MAX_PART_LENGTH
                        + " or beginning with a dot, at most " + MAX_LENGTH + " characters in all.");
    }

    private static String printable(String text) {
        String shown = text.length() > 200 ? text.substring(0, 200) + "..." : text;
        return shown.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
