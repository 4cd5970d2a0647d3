package dev.muster.postgres.lease;

/**
 * Who holds a lease.
 *
 * @param holder member of a system, one line
 * @param epoch of the run that made it the primary
 */
public record LeaseHolder(String holder, long epoch) {
    public LeaseHolder {
        if (holder.isBlank() || holder.chars().anyMatch(Character::isISOControl) || epoch < 1) {
            throw new IllegalArgumentException("A lease's holder has a name of one line, and an epoch of 1 or more");
        }
    }
}
