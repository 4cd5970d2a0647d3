package dev.muster.postgres.rejoin;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How an old primary would rejoin, and why so.
 *
 * @param options each method, the impossible ones too
 * @param chosen empty if none is possible
 */
public record RejoinPlan(Ancestry ancestry, List<Option> options, Optional<Option> chosen) {
    /**
     * One way.
     *
     * @param bytes that would be written, WAL included; empty if nobody knows
     * @param backup of a delta restore; otherwise empty
     * @param reason why it is possible, or why not
     */
    public record Option(
            RejoinMethod method, boolean possible, OptionalLong bytes, Optional<String> backup, String reason) {}

    public RejoinPlan {
        options = List.copyOf(options);
    }
}
