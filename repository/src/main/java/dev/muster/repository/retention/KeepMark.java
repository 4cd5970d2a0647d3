package dev.muster.repository.retention;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one backup whatever the rules say, as the object {@code KEEP-<mark>} below it holds it.
 *
 * @param mark its own id, a ULID
 * @param by who wants it kept
 * @param why for those who wonder later
 * @param time when it was made, ISO-8601
 * @param until when it ends, ISO-8601; without it, it holds until it is taken away
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KeepMark(
        String format,
        int version,
        String source,
        String backup,
        String mark,
        String by,
        String why,
        String time,
        @Nullable String until) {
    static final String FORMAT = "muster-keep";
    static final int VERSION = 1;
    static final int MAX_TEXT = 1_000;

    public KeepMark {
        boolean complete = FORMAT.equals(format) && version == VERSION && source != null && backup != null;
        if (!complete || mark == null || by == null || why == null || time == null) {
            throw new IllegalArgumentException("a field is missing or has an unknown version");
        }
        if (until != null) {
            Instant.parse(until);
        }
    }

    /** Whether it still keeps its backup. */
    public boolean holds(Instant now) {
        return until == null || Instant.parse(until).isAfter(now);
    }
}
