package dev.muster.repository.keys;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Says that somebody takes a slot away, as {@code revoke/<kid>/<slot>/<revocation>} holds it. It is there before the slot
 * goes, and until it is gone.
 *
 * @param slot the slot's whole name
 * @param whole whether the master key goes with all of its slots
 * @param revocation its own id, a ULID
 * @param time when it was made, ISO-8601
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record Revocation(String format, int version, String slot, boolean whole, String revocation, String time) {
    static final String FORMAT = "muster-revoke";
    static final int VERSION = 1;

    Revocation {
        boolean complete = FORMAT.equals(format) && version == VERSION && slot != null;
        if (!complete || revocation == null || time == null) {
            throw new IllegalArgumentException("a field is missing or has an unknown version");
        }
    }
}
