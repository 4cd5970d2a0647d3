package dev.muster.drivers.traffic;

/** Is told how far a driver is, at least every ten seconds while it waits; may end the wait by throwing. */
@FunctionalInterface
public interface Progress {
    Progress UNWATCHED = what -> {};

    void at(String what);
}
