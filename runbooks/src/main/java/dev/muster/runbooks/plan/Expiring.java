package dev.muster.runbooks.plan;

import dev.muster.runbooks.Retention;
import dev.muster.runbooks.observation.ExpiryObservation;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an expiry takes away: exactly the backups listed here, and the WAL that then no backup and no point of the window
 * needs.
 *
 * @param atMost a plan that would take more backups is refused
 */
public record Expiring(Retention policy, int atMost, ExpiryObservation backups) {
    /** Ids of every backup of which something may be deleted. */
    public Set<String> named() {
        Set<String> named = new TreeSet<>();
        backups.going().forEach(one -> named.add(one.backup()));
        backups.cleaned().forEach(one -> named.add(one.backup()));
        return named;
    }
}
