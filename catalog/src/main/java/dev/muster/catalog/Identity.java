package dev.muster.catalog;

import java.util.Set;

/** Who presented a valid token, and what for. */
public record Identity(String subject, Set<Role> roles, String tokenId) {
    public Identity {
        roles = Set.copyOf(roles);
    }

    /** Every role may read. */
    public boolean has(Role role) {
        return role == Role.VIEWER ? !roles.isEmpty() : roles.contains(role);
    }
}
