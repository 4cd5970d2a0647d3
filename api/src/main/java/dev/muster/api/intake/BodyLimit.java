package dev.muster.api.intake;

import dev.muster.api.problem.ApiException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses bodies above a bound: at once where their length is told, else when the bound is passed. */
@PreMatching
public final class BodyLimit implements ContainerRequestFilter {
    /** Bytes. A runbook of 256 KiB fits, also with its quotes and line ends escaped. */
    public static final int LARGEST = 512 * 1024;

    private static final Logger log = LoggerFactory.getLogger(BodyLimit.class);
    private static final long MOST_DRAINED = 8L * 1024 * 1024;

    @Override
    public void filter(ContainerRequestContext request) {
        if (request.getLength() > LARGEST) {
            drain(request.getEntityStream());
            throw tooLarge();
        }
        request.setEntityStream(new Limited(request.getEntityStream()));
    }

    /** Reads on for a while: a sender that is cut off while it still sends never sees the answer. */
    private static void drain(InputStream in) {
        byte[] discarded = new byte[64 * 1024];
        long left = MOST_DRAINED;
        try {
            for (int read = in.read(discarded); read >= 0 && left > 0; read = in.read(discarded)) {
                left -= read;
            }
        } catch (IOException e) {
            log.debug("A sender of a body that is too large has gone", e);
        }
    }

    private static ApiException tooLarge() {
        return new ApiException(
                413,
                "BODY_TOO_LARGE",
                "The body is larger than " + LARGEST / 1024 + " KiB.",
                "A runbook or system has at most 256 KiB; split it by system.");
    }

    private static final class Limited extends FilterInputStream {
        private long left = LARGEST;

        Limited(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            count(Math.max(read, 0));
            return read;
        }

        private void count(int read) {
            left -= read;
            if (left < 0) {
                drain(in);
                throw tooLarge();
            }
        }
    }
}
