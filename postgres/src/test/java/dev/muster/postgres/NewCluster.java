package dev.muster.postgres;

import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * New clusters for tests. The first of its kind in this JVM is made by initdb, the others are copies of it, which takes a
 * tenth of the time. So all of them have one system identifier: a test that needs a second system makes it by
 * {@link #ofAnotherSystem}.
 */
public final class NewCluster {
    private static final Map<String, Path> MADE = new ConcurrentHashMap<>();

    private NewCluster() {}

    /** @param segmentMegabytes size of a WAL segment */
    public static void at(Installation installation, Path data, int segmentMegabytes) {
        Path first = MADE.computeIfAbsent(installation.home() + " " + segmentMegabytes, kind -> {
            Path made = folder().resolve("data");
            ofAnotherSystem(installation, made, segmentMegabytes);
            return made;
        });
        copy(first, data);
    }

    /** One whose system identifier no other has. */
    public static void ofAnotherSystem(Installation installation, Path data, int segmentMegabytes) {
        Server.initialise(installation, data, "postgres", "--wal-segsize=" + segmentMegabytes, "--no-sync");
    }

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("muster-new-cluster-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With its owner and permissions, which the server insists on. */
    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to.resolveSibling("."));
            int code = new ProcessBuilder("cp", "-a", from.toString(), to.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("cp -a " + from + " " + to + " ended with " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
