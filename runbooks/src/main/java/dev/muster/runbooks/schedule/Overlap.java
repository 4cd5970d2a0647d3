package dev.muster.runbooks.schedule;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * What happens when a schedule's time comes and its previous run is not over. Temporal has more; those that pile up
 * runs, or end one that is nearly done for another that is not better, do no good here.
 */
public enum Overlap {
    /** The time passes without a run. */
    SKIP("skip"),
    /** One run waits and starts when the previous has ended; further times pass. */
    BUFFER_ONE("buffer-one");

    private final String id;

    Overlap(String id) {
        this.id = id;
    }

    /** As schedules write it. */
    @JsonValue
    public String id() {
        return id;
    }

    /** @throws IllegalArgumentException if there is no such policy */
    public static Overlap of(String id) {
        for (Overlap overlap : values()) {
            if (overlap.id.equals(id)) {
                return overlap;
            }
        }
        throw new IllegalArgumentException("No such overlap: " + id);
    }
}
