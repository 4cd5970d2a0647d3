package dev.muster.postgres.rejoin;

import java.util.Optional;

/**
 * An old primary that is a standby now.
 *
 * @param salvage id of what was saved; empty if nothing diverged
 * @param backup that was restored over it; empty if none was
 * @param timeline that it receives
 * @param lagBytes behind the new primary when it was checked
 */
public record RejoinResult(
        RejoinMethod method, Optional<String> salvage, Optional<String> backup, int timeline, long lagBytes) {}
