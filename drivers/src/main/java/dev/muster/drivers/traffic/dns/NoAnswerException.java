package dev.muster.drivers.traffic.dns;

import java.io.IOException;

/** The question may have arrived, and no answer did that can be trusted. */
final class NoAnswerException extends IOException {
    NoAnswerException(String message, Throwable cause) {
        super(message, cause);
    }

    NoAnswerException(String message) {
        super(message);
    }
}
