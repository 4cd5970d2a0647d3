package dev.muster.postgres.fence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The processes of one cluster, as {@code /proc} shows them. Every process of PostgreSQL works in the data directory,
 * also a backend whose postmaster is gone; process groups say nothing, as each backend is one of its own.
 */
final class Processes {
    private static final Path PROC = Path.of("/proc");
    /** Of /proc/PID/stat, counted behind the name. */
    private static final int START_TIME = 19;

    private final Path data;

    /** @param dataDirectory need not exist */
    Processes(Path dataDirectory) {
        Path real = dataDirectory;
        try {
            real = dataDirectory.toRealPath();
        } catch (IOException notThere) {
            // Then nothing can work in it under another name either.
        }
        this.data = real;
    }

    /**
     * @param ids of living processes in the data directory, or about to be
     * @param hidden PostgreSQL's processes of others that this user may not look at: they may be any cluster's
     */
    record Seen(List<Long> ids, List<Long> hidden) {}

    Seen look() {
        List<Long> ids = new ArrayList<>();
        List<Long> hidden = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : all) {
                long id = Long.parseLong(process.getFileName().toString());
                switch (relation(process)) {
                    case OURS -> ids.add(id);
                    case HIDDEN -> hidden.add(id);
                    case OTHER -> {}
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list the processes of this host", e);
        }
        return new Seen(ids, hidden);
    }

    private enum Relation {
        OURS,
        HIDDEN,
        OTHER
    }

    private Relation relation(Path process) {
        try {
            if (isDead(process)) {
                return Relation.OTHER;
            }
            List<String> command = command(process);
            boolean postgres = !command.isEmpty() && command.get(0).matches("(.*/)?(postgres|postmaster)(:.*)?");
            if (postgres && command.contains(data.toString())) {
                // Just started; it goes into its directory a moment later.
                return Relation.OURS;
            }
            try {
                return Files.readSymbolicLink(process.resolve("cwd")).equals(data) && isPostgres(process)
                        ? Relation.OURS
                        : Relation.OTHER;
            } catch (AccessDeniedException e) {
                return isPostgres(process) && ownsData(process) ? Relation.HIDDEN : Relation.OTHER;
            }
        } catch (IOException ended) {
            return Relation.OTHER;
        }
    }

    /** The kernel's name of the program, which a process's title does not change. */
    private static boolean isPostgres(Path process) throws IOException {
        String name = Files.readString(process.resolve("comm")).strip();
        return name.equals("postgres") || name.equals("postmaster");
    }

    /** PostgreSQL refuses a data directory of another user. */
    private boolean ownsData(Path process) throws IOException {
        return Files.notExists(data)
                || Files.getAttribute(data, "unix:uid").equals(Files.getAttribute(process, "unix:uid"));
    }

    private static boolean isDead(Path process) throws IOException {
        char state = afterName(process).charAt(0);
        return state == 'Z' || state == 'X';
    }

    /** Of /proc/PID/stat, what follows the name, which may hold anything. */
    private static String afterName(Path process) throws IOException {
        String stat = new String(Files.readAllBytes(process.resolve("stat")), StandardCharsets.ISO_8859_1);
        int end = stat.lastIndexOf(')');
        if (end < 0 || stat.length() < end + 3) {
            throw new IOException("ended");
        }
        return stat.substring(end + 2);
    }

    private static List<String> command(Path process) throws IOException {
        String text = new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
        return text.isEmpty() ? List.of() : List.of(text.split("\0"));
    }

    /** The process's parent; 0 if it is gone. */
    static long parent(long id) {
        try {
            return Long.parseLong(afterName(PROC.resolve(Long.toString(id))).split(" ")[1]);
        } catch (IOException ended) {
            return 0;
        }
    }

    /** Whether the process lives and is the one that said this of itself; its number may be another's by now. */
    static boolean lives(long id, Starter said) {
        Path process = PROC.resolve(Long.toString(id));
        try {
            return !isDead(process)
                    && (said.text().isEmpty()
                            || said.text()
                                    .equals(BootClock.boot() + " "
                                            + afterName(process).split(" ")[START_TIME]));
        } catch (IOException ended) {
            return false;
        }
    }

    /**
     * A starter's marker.
     *
     * @param text the boot and when it began; empty if it was just about to be written
     */
    record Starter(long id, String text) {}

    static List<Long> children(List<Long> parents) {
        List<Long> children = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : all) {
                long id = Long.parseLong(process.getFileName().toString());
                if (parents.contains(parent(id))) {
                    children.add(id);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list the processes of this host", e);
        }
        return children;
    }

    /** @param signal such as {@code INT}; a process that is gone already is none to complain about */
    static void signal(String signal, List<Long> ids) {
        if (!ids.isEmpty()) {
            send(signal, ids.stream().map(id -> Long.toString(id)).toList());
        }
    }

    /** @param leader of the process group */
    static void signalGroup(String signal, long leader) {
        send(signal, List.of("-" + leader));
    }

    private static void send(String signal, List<String> targets) {
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh", "-c", "s=$1; shift; for p do kill -s \"$s\" -- \"$p\" 2>/dev/null; done; :", "sh", signal));
        command.addAll(targets);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.waitFor(2, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run /bin/sh to signal PostgreSQL", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
