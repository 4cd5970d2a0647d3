package dev.muster.postgres.lease;

/**
 * A lease that is held.
 *
 * @param revision of the key when it was last written by this holder
 * @param sent in milliseconds of the boot clock, before the lease that the key hangs on was asked for
 */
record LeaseHold(long revision, long sent) {}
