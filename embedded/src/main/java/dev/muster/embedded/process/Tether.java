package dev.muster.embedded.process;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Runs another main class and ends this JVM when the process that started it is gone, however it went: its standard
 * input is a pipe from there, and the end of the pipe is the one sign that even {@code kill -9} gives.
 */
public final class Tether {
    /** Exit code of a child whose parent has gone. */
    static final int PARENT_GONE = 99;

    private Tether() {}

    /** @param arguments the main class, then its own arguments */
    @SuppressWarnings("SystemExitOutsideMain") // Ending the process is what this class is for.
    public static void main(String[] arguments) throws Throwable {
        Thread watch = new Thread(
                () -> {
                    waitForEndOfInput();
                    // Not exit(): shutdown hooks may wait for somebody who is gone as well.
                    Runtime.getRuntime().halt(PARENT_GONE);
                },
                "muster-tether");
        watch.setDaemon(true);
        watch.start();
        try {
            Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object)
                    Arrays.copyOfRange(arguments, 1, arguments.length));
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    private static void waitForEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // Nobody writes; what somebody may write means nothing.
            }
        } catch (IOException e) {
            // A broken pipe says the same.
        }
    }
}
