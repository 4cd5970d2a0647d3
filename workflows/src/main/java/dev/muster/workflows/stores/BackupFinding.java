package dev.muster.workflows.stores;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a look found of one backup; short, because there may be a thousand of them in a history.
 *
 * @param problems how many; 0 if it is sound
 * @param code of the first; null if it is sound
 * @param object that the first is about; null if it is sound
 * @param soundSince of a look that goes on over days: when the byte was read whose look is longest ago; else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BackupFinding(
        String backup,
        long problems,
        @Nullable String code,
        @Nullable String object,
        @Nullable Instant soundSince) {
    /** So many go into a report, those of the newest backups. */
    public static final int MOST = 1_000;
}
