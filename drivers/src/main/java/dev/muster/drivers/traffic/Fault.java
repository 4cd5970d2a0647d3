package dev.muster.drivers.traffic;

/**
 * What went wrong at one place, as it is reported beside places where nothing did.
 *
 * @param code stable, listed in docs/reference/errors.md, such as {@code TRAFFIC_UNREACHABLE}
 * @param message what failed, on what
 * @param hint what to check next
 */
public record Fault(String code, String message, String hint) {
    public TrafficException exception() {
        return new TrafficException(this);
    }
}
