package dev.muster.runbooks.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * How a backup is taken, beside its kind.
 *
 * @param readBytesPerSecond at most; null for no limit
 * @param waitSeconds for another backup of the same source to end, 0 or more; null for the host worker's default
 * @param keep the mark that it gets; null for none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Taking(
        @Nullable Long readBytesPerSecond,
        @Nullable Long waitSeconds,
        @Nullable Mark keep) {
    /** @param seconds how long it keeps the backup; null for until somebody takes it away */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Mark(String why, @Nullable Long seconds) {}
}
