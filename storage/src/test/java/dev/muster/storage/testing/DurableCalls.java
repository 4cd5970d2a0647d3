package dev.muster.storage.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * What a disk holds for certain after each call of a trace, if only what was synced survives: a file's bytes by a sync of
 * the file, a name by a sync of the directory that it is in.
 */
public final class DurableCalls {
    static final String TRACED =
            "write,pwrite64,fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat," + "mkdir,mkdirat";

    private static final Pattern CALL = Pattern.compile("(\\w+)\\((.*)\\) += (\\d+).*");
    private static final Pattern DESCRIPTOR = Pattern.compile("(\\d+)<([^>]*)>.*");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");
    private static final Pattern CLAIM = Pattern.compile("(STORED|DELETED) [a-z/]+");

    private final Path folder;
    private final Optional<String> seal;

    /** Calls that another thread's interrupted in the trace, by the thread's number. */
    private final Map<String, String> begun = new HashMap<>();

    private final Set<Path> written = new HashSet<>();
    private final Set<Path> names = new HashSet<>();
    private final Set<Path> durable = new HashSet<>();
    private final List<String> claims = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private int syncs;

    /** @param folder that claims are about: a claim is STORED or DELETED and a path below it, on standard output */
    public DurableCalls(Path folder) {
        this(folder, Optional.empty());
    }

    /**
     * @param seal a marker's name that may be given or taken away only when all that was made beside and below it is
     *     durable; names may then come before bytes
     */
    public DurableCalls(Path folder, Optional<String> seal) {
        this.folder = folder;
        this.seal = seal;
    }

    /** Runs a class of the tests' class path in a process of its own and reads its calls; skips loudly without strace. */
    public void trace(Path trace, Class<?> main, String... arguments) throws IOException, InterruptedException {
        requireStrace();
        List<String> command =
                new ArrayList<>(List.of("strace", "-f", "-y", "-s", "200", "-e", "trace=" + TRACED, "-o"));
        command.add(trace.toString());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(said);
        }
        Files.readAllLines(trace).forEach(this::read);
    }

    private static void requireStrace() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("strace", "-f", "-o", "/dev/null", "true")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            there = false;
        }
        if (!there) {
            Thorough.Loud.say("NOT RUN, NO strace HERE OR IT MAY NOT TRACE: what a loss of power leaves behind."
                    + " To run it: apt-get install strace");
        }
        Assumptions.assumeTrue(there, "strace is not there or may not trace: the loss of power is NOT tested");
    }

    public List<String> claims() {
        return claims;
    }

    public List<String> faults() {
        return faults;
    }

    public int syncs() {
        return syncs;
    }

    void read(String line) {
        int space = line.indexOf(' ');
        String thread = line.substring(0, space);
        String call = line.substring(space).trim();
        if (call.endsWith("<unfinished ...>")) {
            begun.put(thread, call.substring(0, call.length() - "<unfinished ...>".length()));
            return;
        }
        if (call.startsWith("<...")) {
            call = begun.remove(thread) + call.substring(call.indexOf("resumed>") + "resumed>".length());
        }
        Matcher whole = CALL.matcher(call);
        if (whole.matches()) {
            done(whole.group(1), whole.group(2));
        }
    }

    private void done(String name, String arguments) {
        List<Path> paths = new ArrayList<>();
        Matcher quoted = QUOTED.matcher(arguments);
        while (!name.contains("write") && quoted.find()) {
            paths.add(Path.of(quoted.group(1)));
        }
        switch (name) {
            case "openat" -> {
                if (arguments.contains("O_CREAT")) {
                    names.add(paths.get(0));
                    written.add(paths.get(0));
                }
            }
            case "ftruncate" -> written.add(descriptor(arguments));
            case "symlink", "symlinkat" -> names.add(paths.get(1));
            case "write", "pwrite64" -> {
                written.add(descriptor(arguments));
                Matcher claim = CLAIM.matcher(arguments);
                if (arguments.startsWith("1<") && claim.find()) {
                    claim(claim.group());
                }
            }
            case "fsync", "fdatasync" -> sync(descriptor(arguments));
            case "link", "linkat", "rename", "renameat", "renameat2" -> {
                if (seal.isEmpty() && written.contains(paths.get(0))) {
                    faults.add(paths.get(1) + " was given its name before its bytes were synced");
                }
                names.add(paths.get(1));
                if (name.startsWith("rename")) {
                    names.remove(paths.get(0));
                    if (written.remove(paths.get(0))) {
                        written.add(paths.get(1));
                    }
                }
                seal.filter(paths.get(1)::endsWith).ifPresent(marker -> seals(paths.get(1)));
            }
            case "mkdir", "mkdirat" -> names.add(paths.get(0));
            case "unlink", "unlinkat" -> {
                names.remove(paths.get(0));
                seal.filter(paths.get(0)::endsWith).ifPresent(marker -> seals(paths.get(0)));
            }
            default -> throw new IllegalArgumentException("Not traced: " + name);
        }
    }

    private static Path descriptor(String arguments) {
        Matcher descriptor = DESCRIPTOR.matcher(arguments);
        if (!descriptor.matches()) {
            throw new IllegalArgumentException("No descriptor with its path: " + arguments);
        }
        return Path.of(descriptor.group(2));
    }

    private void sync(Path path) {
        syncs++;
        written.remove(path);
        durable.removeIf(name -> path.equals(name.getParent()));
        names.stream().filter(name -> path.equals(name.getParent())).forEach(durable::add);
    }

    private void seals(Path path) {
        Path beside = Objects.requireNonNull(path.getParent());
        written.stream()
                .filter(file -> file.startsWith(beside) && !file.equals(path))
                .forEach(file ->
                        faults.add("The bytes of " + file + " may be gone, and " + path + " says that all is there"));
        names.stream()
                .filter(name -> name.startsWith(beside) && !name.equals(beside) && !name.equals(path))
                .filter(name -> !durable.contains(name))
                .forEach(name ->
                        faults.add("The name " + name + " may be gone, and " + path + " says that all is there"));
    }

    private void claim(String claim) {
        claims.add(claim);
        Path path = folder.resolve(claim.substring(claim.indexOf(' ') + 1));
        if (claim.startsWith("DELETED")) {
            if (durable.contains(path)) {
                faults.add("After a loss of power it would be there again: " + claim);
            }
            return;
        }
        for (Path name = path; !name.equals(folder); name = Objects.requireNonNull(name.getParent())) {
            if (!durable.contains(name)) {
                faults.add("After a loss of power " + name + " would be missing: " + claim);
            }
        }
    }
}
