package dev.muster.catalog;

/** A timeline left its parent at a position. */
public record IndexedTimelineSwitch(int timeline, int parent, String atLsn) {}
