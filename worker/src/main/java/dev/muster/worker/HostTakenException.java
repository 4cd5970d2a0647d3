package dev.muster.worker;

import java.nio.file.Path;

/** Another process works on this host with the same state. */
final class HostTakenException extends RuntimeException {
    HostTakenException(Path lock) {
        super("Another worker works on this host with the same state, " + lock + ".");
    }

    String code() {
        return "HOST_TAKEN";
    }

    String hint() {
        return "There is one host worker per host; end the other one first.";
    }
}
