package dev.muster.worker;

/** The port that metrics are to be shown on cannot be opened. */
final class MetricsPortException extends RuntimeException {
    MetricsPortException(String address, int port, Exception cause) {
        super("The port for metrics, " + address + ":" + port + ", cannot be opened: " + cause + ".", cause);
    }

    String code() {
        return "METRICS_PORT_UNUSABLE";
    }

    String hint() {
        return "Is it taken, or --metrics-bind no address of this machine? --metrics-port 0 takes a free one.";
    }
}
