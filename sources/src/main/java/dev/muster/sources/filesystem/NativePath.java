package dev.muster.sources.filesystem;

import dev.muster.repository.EntryPath;
import dev.muster.repository.LinkTarget;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Between Java's paths and the bytes that the file system has. Java keeps the bytes of a name that it got from a
 * listing, but shows them only as text in the locale's encoding, which loses what that encoding does not have: a file
 * named in Latin-1 under a UTF-8 locale, any umlaut under the locale {@code POSIX}. A file URI, however, is made from
 * the bytes themselves, and a path made from a URI has them again. So names come through whole, whatever the locale.
 */
public final class NativePath {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final Path ROOT = Path.of("/");

    private NativePath() {}

    /** The bytes of a path's last name. */
    public static byte[] name(Path path) {
        Path name = path.getFileName();
        return name == null ? new byte[0] : bytes(name);
    }

    /** The bytes of a relative path as the file system has them. */
    public static byte[] bytes(Path relative) {
        String text = relative.toString();
        return isSurelyWhole(text) ? text.getBytes(StandardCharsets.US_ASCII) : throughUri(relative, text);
    }

    /** A question mark may stand for a byte that the locale's encoding does not have. */
    private static boolean isSurelyWhole(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80 || c == '?') {
                return false;
            }
        }
        return true;
    }

    private static byte[] throughUri(Path relative, String text) {
        boolean absolute = relative.isAbsolute();
        String raw = (absolute ? relative : ROOT.resolve(relative)).toUri().getRawPath();
        // It adds a slash where the path happens to name a directory.
        int end = raw.endsWith("/") && !text.endsWith("/") ? raw.length() - 1 : raw.length();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = absolute ? 0 : 1; i < end; i++) {
            if (raw.charAt(i) == '%') {
                bytes.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(raw.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    /** A relative path of these bytes. Empty parts and a slash at the end are lost, which no file system tells apart. */
    public static Path path(byte[] bytes) {
        StringBuilder uri = new StringBuilder("file:///");
        boolean absolute = bytes.length > 0 && bytes[0] == '/';
        for (int i = absolute ? 1 : 0; i < bytes.length; i++) {
            int b = bytes[i] & 0xFF;
            boolean plain = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
            if (plain || b == '/' || b == '.' || b == '-' || b == '_') {
                uri.append((char) b);
            } else {
                uri.append('%').append(HEX.toHexDigits((byte) b));
            }
        }
        Path path = Path.of(URI.create(uri.toString()));
        return absolute || path.getNameCount() == 0 ? path : path.subpath(0, path.getNameCount());
    }

    /** An entry's place below a folder. */
    public static Path below(Path folder, EntryPath entry) {
        return entry.equals(EntryPath.ROOT) ? folder : folder.resolve(path(entry.bytes()));
    }

    /** Where a link points, as {@link java.nio.file.Files#readSymbolicLink} gave it. */
    public static LinkTarget target(Path target) {
        return LinkTarget.of(bytes(target));
    }

    /** A name as people read it; bytes that are not UTF-8 in percent notation. */
    public static String shown(EntryPath path) {
        return path.text().orElseGet(() -> {
            StringBuilder shown = new StringBuilder();
            for (byte b : path.bytes()) {
                if (b > 0x20 && b < 0x7F) {
                    shown.append((char) b);
                } else {
                    shown.append(String.format(Locale.ROOT, "%%%02X", b));
                }
            }
            return shown.toString();
        });
    }
}
