package dev.muster.repository;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Says that a backup was begun, as {@code lease/<writer>/<backup>} holds it. It stays until expiry removes it.
 *
 * @param started by the writer's clock, ISO-8601
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Lease(String format, int version, String writer, String source, String backup, String started) {
    static final String FORMAT = "muster-lease";
    static final int VERSION = 1;

    public Lease {
        boolean complete = FORMAT.equals(format) && version == VERSION && writer != null && source != null;
        if (!complete || backup == null || started == null) {
            throw new IllegalArgumentException("a field is missing or has an unknown version");
        }
    }
}
