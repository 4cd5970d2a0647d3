package dev.muster.repository;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The path of an entry, as bytes, because file systems do not promise UTF-8. Relative to the root of the backup, parts
 * joined by {@code /}, none of them empty, {@code .} or {@code ..}; only the root itself is {@code .}. A restore may so
 * join it to its target and never leave it.
 */
public final class EntryPath implements Comparable<EntryPath> {
    /** In bytes. */
    public static final int MAX_LENGTH = 4096;

    /** Of one part, in bytes. */
    public static final int MAX_PART_LENGTH = 255;

    /** The root of the backup. */
    public static final EntryPath ROOT = new EntryPath(new byte[] {'.'});

    private final byte[] bytes;

    private EntryPath(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException if the path could leave the target of a restore, or is too long */
    public static EntryPath of(byte[] bytes) {
        EntryPath path = new EntryPath(bytes.clone());
        if (!path.equals(ROOT)) {
            path.check();
        }
        return path;
    }

    /** @throws IllegalArgumentException if the path could leave the target of a restore, or is too long */
    public static EntryPath of(String path) {
        return of(path.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** The path as text, if its bytes are UTF-8. */
    public Optional<String> text() {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private void check() {
        if (bytes.length == 0 || bytes.length > MAX_LENGTH) {
            throw new IllegalArgumentException("A path has 1 to " + MAX_LENGTH + " bytes, not " + bytes.length);
        }
        int start = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i < bytes.length && bytes[i] == 0) {
                throw refused("a zero byte");
            }
            if (i == bytes.length || bytes[i] == '/') {
                int length = i - start;
                boolean dots = length >= 1 && length <= 2 && bytes[start] == '.' && bytes[i - 1] == '.';
                if (length == 0 || length > MAX_PART_LENGTH || dots) {
                    throw refused("a part that is empty, longer than " + MAX_PART_LENGTH + " bytes, . or ..");
                }
                start = i + 1;
            }
        }
    }

    private IllegalArgumentException refused(String why) {
        return new IllegalArgumentException("Not a path inside a backup: " + this + " has " + why);
    }

    @Override
    public int compareTo(EntryPath other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EntryPath path && Arrays.equals(bytes, path.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** For people: bytes that are not UTF-8 are shown as question marks. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8).replaceAll("[\\p{Cntrl}\\uFFFD]", "?");
    }
}
