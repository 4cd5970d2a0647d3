package dev.muster.postgres.rowreturn;

/** Asked just before the live transaction commits; throws if it must not, and then nothing is changed. */
@FunctionalInterface
public interface ReturnGuard {
    /** @throws RuntimeException to roll the live transaction back */
    void check();
}
