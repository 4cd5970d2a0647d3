package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonValue;

/** What a runbook can carry out. Each has a fixed skeleton of phases that no YAML reorders. */
public enum Scenario {
    BACKUP("backup", false, true),
    POINT_IN_TIME_RECOVERY("point-in-time-recovery", true, true),
    RESTORE_TEST("restore-test", false, true),
    VERIFY("verify", false, false),
    REPLICATE("replicate", false, false),
    EXPIRE("expire", false, false);

    private final String id;
    private final boolean changesSystem;
    private final boolean needsHost;

    Scenario(String id, boolean changesSystem, boolean needsHost) {
        this.id = id;
        this.changesSystem = changesSystem;
        this.needsHost = needsHost;
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

    /**
     * Whether the database's host takes part. The others care for what is stored, and go on while the host is gone for
     * good.
     */
    public boolean needsHost() {
        return needsHost;
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
