package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonValue;

/** What a runbook can carry out. Each has a fixed skeleton of phases that no YAML reorders. */
public enum Scenario {
    BACKUP("backup", false),
    POINT_IN_TIME_RECOVERY("point-in-time-recovery", true),
    RESTORE_TEST("restore-test", false);

    private final String id;
    private final boolean changesSystem;

    Scenario(String id, boolean changesSystem) {
        this.id = id;
        this.changesSystem = changesSystem;
    }

    /** As runbooks and plans write it. */
    @JsonValue
    public String id() {
        return id;
    }

    /** Whether a run may change the live system, so that there is one at a time, approved and with an epoch. */
    public boolean changesSystem() {
        return changesSystem;
    }

    /** @throws IllegalArgumentException if there is no such scenario */
    public static Scenario of(String id) {
        for (Scenario scenario : values()) {
            if (scenario.id.equals(id)) {
                return scenario;
            }
        }
        throw new IllegalArgumentException("No such scenario: " + id);
    }
}
