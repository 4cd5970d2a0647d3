package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;

/** How much a system matters, and the objectives that it has unless it says otherwise. */
public enum Tier {
    CRITICAL("critical", Duration.ofMinutes(15), Duration.ofMinutes(5)),
    HIGH("high", Duration.ofHours(1), Duration.ofMinutes(15)),
    MEDIUM("medium", Duration.ofHours(4), Duration.ofHours(1)),
    LOW("low", Duration.ofHours(24), Duration.ofHours(24));

    private final String id;
    private final Duration rto;
    private final Duration rpo;

    Tier(String id, Duration rto, Duration rpo) {
        this.id = id;
        this.rto = rto;
        this.rpo = rpo;
    }

    /** As systems write it. */
    @JsonValue
    public String id() {
        return id;
    }

    public Objectives objectives() {
        return new Objectives(rto, rpo);
    }

    /** @throws IllegalArgumentException if there is no such tier */
    public static Tier of(String id) {
        for (Tier tier : values()) {
            if (tier.id.equals(id)) {
                return tier;
            }
        }
        throw new IllegalArgumentException("No such tier: " + id);
    }
}
