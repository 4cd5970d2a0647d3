package dev.muster.embedded.process;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run has started, ended in reverse order: at its end, when it fails, and on Ctrl-C or TERM. Each part is ended
 * even when an earlier one refuses to. Safe for use by several threads.
 */
public final class Teardown implements AutoCloseable {
    /** How one part is ended. Called once. */
    @FunctionalInterface
    public interface Ending {
        void end() throws Exception;
    }

    private record Part(String name, Ending ending) {}

    private static final Logger LOG = LoggerFactory.getLogger(Teardown.class);

    private final Deque<Part> parts = new ArrayDeque<>();
    private final Thread hook = new Thread(this::endAll, "muster-teardown");
    private boolean closed;

    private Teardown() {}

    /** A teardown that also runs when this JVM is asked to end. */
    public static Teardown onExit() {
        Teardown teardown = new Teardown();
        Runtime.getRuntime().addShutdownHook(teardown.hook);
        return teardown;
    }

    /**
     * Remembers how to end what was just started. When all has been ended already (Ctrl-C came in between), it is ended
     * at once.
     *
     * @throws IllegalStateException if the run is over; the part has been ended
     */
    public void add(String name, Ending ending) {
        synchronized (this) {
            if (!closed) {
                parts.push(new Part(name, ending));
                return;
            }
        }
        end(new Part(name, ending));
        throw new IllegalStateException("The run is over: " + name + " was stopped as soon as it had started.");
    }

    /** Ends everything, newest first. Later calls do nothing. */
    @Override
    public void close() {
        endAll();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyShuttingDown) {
            // The hook itself, or Ctrl-C during the ordinary end: the parts are ended once all the same.
        }
    }

    /** Holds the lock throughout: whoever comes second waits until everything has ended. */
    private synchronized void endAll() {
        closed = true;
        while (!parts.isEmpty()) {
            end(parts.pop());
        }
    }

    private static void end(Part part) {
        try {
            part.ending.end();
        } catch (Exception e) {
            LOG.warn("{} did not end cleanly", part.name, e);
        }
    }
}
