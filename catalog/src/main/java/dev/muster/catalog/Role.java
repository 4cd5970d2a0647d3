package dev.muster.catalog;

import java.util.Locale;

/** What a token's bearer may do. */
public enum Role {
    /** Reads everything. */
    VIEWER,
    /** Reads, starts runs, writes systems. */
    OPERATOR,
    /** Reads, approves. */
    APPROVER;

    /** As command line, API and approval keys write it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is no such role */
    public static Role of(String id) {
        for (Role role : values()) {
            if (role.id().equals(id)) {
                return role;
            }
        }
        throw new IllegalArgumentException("No such role: " + id + ". There are viewer, operator, approver.");
    }
}
