package dev.muster.repository.expiry;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Says that a committed backup is being taken away, as the object {@code EXPIRE-<mark>} below it holds it. It is there
 * before its COMMIT goes and until nothing else is left.
 *
 * @param mark its own id, a ULID
 * @param time when it was made, ISO-8601
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ExpireMark(String format, int version, String source, String backup, String mark, String time) {
    static final String FORMAT = "muster-expire";
    static final int VERSION = 1;

    public ExpireMark {
        boolean complete = FORMAT.equals(format) && version == VERSION && source != null && backup != null;
        if (!complete || mark == null || time == null) {
            throw new IllegalArgumentException("a field is missing or has an unknown version");
        }
    }
}
