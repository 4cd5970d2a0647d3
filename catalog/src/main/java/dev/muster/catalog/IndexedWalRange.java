package dev.muster.catalog;

/** WAL of one timeline without a gap, end exclusive; positions as PostgreSQL writes them. */
public record IndexedWalRange(int timeline, String fromLsn, String toLsn) {}
