package dev.muster.repository;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Where a symbolic link points, as the bytes that the link has: any, it is not resolved and not judged here. */
public final class LinkTarget {
    private final byte[] bytes;

    private LinkTarget(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException if there are none or more than 4,096 bytes, or a zero byte among them */
    public static LinkTarget of(byte[] bytes) {
        boolean zero = false;
        for (byte b : bytes) {
            zero |= b == 0;
        }
        if (bytes.length == 0 || bytes.length > EntryPath.MAX_LENGTH || zero) {
            throw new IllegalArgumentException("Not the target of a link: " + bytes.length + " bytes");
        }
        return new LinkTarget(bytes.clone());
    }

    public static LinkTarget of(String target) {
        return of(target.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LinkTarget target && Arrays.equals(bytes, target.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** As text; bytes that are not UTF-8 are shown as replacement characters. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
