package dev.muster.drivers.traffic;

import java.util.Set;

/** Traffic could not be asked after or moved; nothing was changed. A change whose outcome is not known is no exception. */
public class TrafficException extends RuntimeException {
    private static final Set<String> PASSING = Set.of("TRAFFIC_UNREACHABLE", "TRAFFIC_BUSY");

    private final Fault fault;

    public TrafficException(Fault fault) {
        super(fault.message());
        this.fault = fault;
    }

    public TrafficException(String code, String message, String hint) {
        this(new Fault(code, message, hint));
    }

    public TrafficException(String code, String message, String hint, Throwable cause) {
        super(message, cause);
        this.fault = new Fault(code, message, hint);
    }

    public Fault fault() {
        return fault;
    }

    public String code() {
        return fault.code();
    }

    public String hint() {
        return fault.hint();
    }

    /** Whether the same request may succeed later although nobody mends anything. */
    public boolean mayPass() {
        return PASSING.contains(fault.code());
    }
}
