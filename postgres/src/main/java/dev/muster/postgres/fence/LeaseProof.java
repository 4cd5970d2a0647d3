package dev.muster.postgres.fence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;

/**
 * What a lease's keeper tells the starter, which watches it while PostgreSQL runs: until when the lease holds here. It is
 * not forced to the disk, for after a reboot it says nothing.
 *
 * @param written these four in milliseconds of {@link BootClock}, kept in steps of 10 ms
 * @param stopAt when PostgreSQL must be told to stop, unless a later proof came
 * @param killAt when it is killed
 * @param until when the lease may pass on
 */
public record LeaseProof(long written, long stopAt, long killAt, long until, String holder, long epoch) {
    public LeaseProof {
        if (written < 0 || stopAt > killAt || killAt > until) {
            throw new IllegalArgumentException("A lease's proof is out of order");
        }
        FenceOrder.line("holder", holder);
    }

    /** Replaces the one before. */
    public void write(Path file) {
        String text = String.join(
                "\n",
                "muster-lease 1",
                "boot " + BootClock.boot(),
                "written " + written / 10,
                "stop-at " + stopAt / 10,
                "kill-at " + killAt / 10,
                "until " + until / 10,
                "holder " + holder,
                "epoch " + epoch,
                "end",
                "");
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(temporary, text);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }

    /** The starter stops PostgreSQL at its next look. */
    public static void withdraw(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + file, e);
        }
    }

    /** As the starter judges: of this boot, whole, and not too old. */
    static boolean valid(Path file, BootClock clock) {
        try {
            Map<String, String> values = new HashMap<>();
            Files.readAllLines(file).forEach(line -> {
                String[] words = line.split(" ", 2);
                values.put(words[0], words.length == 2 ? words[1] : "");
            });
            long now = clock.millis();
            return values.containsKey("end")
                    && BootClock.boot().equals(values.get("boot"))
                    && now >= Long.parseLong(values.getOrDefault("written", "")) * 10
                    && now < Long.parseLong(values.getOrDefault("stop-at", "")) * 10;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }
}
