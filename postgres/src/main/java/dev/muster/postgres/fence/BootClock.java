package dev.muster.postgres.fence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Time since the kernel started, in milliseconds, with the time that the machine was suspended: what
 * {@code System.nanoTime} leaves out, and a lease's time does not. A step of the wall clock does not move it. It is
 * CLOCK_BOOTTIME as {@code /proc/uptime} shows it, in steps of 10 ms, so that a shell script reads the same clock.
 */
public interface BootClock {
    /** @throws UncheckedIOException if there is no such clock; whoever holds a lease must then stop */
    long millis();

    /** Of this machine. */
    static BootClock ofThisMachine() {
        return () -> {
            String text = read(Path.of("/proc/uptime"));
            int point = text.indexOf('.');
            int end = text.indexOf(' ');
            return Long.parseLong(text.substring(0, point)) * 1000
                    + Long.parseLong(text.substring(point + 1, end)) * 10;
        };
    }

    /** Changes with each start of the kernel, when the clock begins again at 0. */
    static String boot() {
        return read(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file + ": is this Linux, with /proc?", e);
        }
    }
}
