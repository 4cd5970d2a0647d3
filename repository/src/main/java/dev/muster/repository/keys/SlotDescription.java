package dev.muster.repository.keys;

import java.util.Optional;

/**
 * A slot, as far as it can be told.
 *
 * @param name of its object, as it is revoked by
 * @param method empty if it is damaged
 * @param scope the source that its key is for, absent for all
 * @param created as its writer's clock had it; empty if it is damaged
 * @param state whether a key at hand opens it
 * @param trouble why not, where that is not simply that it is for others
 * @param revoked whether somebody has begun to take it away; it opens until it is gone
 */
public record SlotDescription(
        String name,
        String kid,
        String method,
        Optional<String> scope,
        String created,
        State state,
        Optional<String> trouble,
        boolean revoked) {
    /** What was found out by trying. */
    public enum State {
        OPENS,
        FOR_OTHERS,
        /** It may be for a key at hand, but the service that must open it does not. */
        HINDERED,
        DAMAGED
    }
}
