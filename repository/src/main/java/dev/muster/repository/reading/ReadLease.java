package dev.muster.repository.reading;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Says that a backup is being restored, as {@code read/<source>/<backup>/<lease>} holds it.
 *
 * @param by who restores, for people and to tell one's own from others'
 * @param time when it was made, ISO-8601
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record ReadLease(String format, int version, String source, String backup, String by, String time) {
    static final String FORMAT = "muster-read";
    static final int VERSION = 1;

    ReadLease {
        boolean complete = FORMAT.equals(format) && version == VERSION && source != null && backup != null;
        if (!complete || by == null || time == null) {
            throw new IllegalArgumentException("a field is missing or has an unknown version");
        }
    }
}
