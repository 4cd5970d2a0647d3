package dev.muster.storage.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a disk holds for certain after each call of a trace, if only what was synced survives: a file's bytes by a sync of
 * the file, a name by a sync of the directory that it is in.
 */
final class DurableCalls {
    static final String TRACED =
            "write,pwrite64,fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat," + "mkdir,mkdirat";

    private static final Pattern CALL = Pattern.compile("(\\w+)\\((.*)\\) += (\\d+).*");
    private static final Pattern DESCRIPTOR = Pattern.compile("(\\d+)<([^>]*)>.*");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");
    private static final Pattern CLAIM = Pattern.compile("(STORED|DELETED) [a-z/]+");

    private final Path folder;

    /** Calls that another thread's interrupted in the trace, by the thread's number. */
    private final Map<String, String> begun = new HashMap<>();

    private final Set<Path> written = new HashSet<>();
    private final Set<Path> names = new HashSet<>();
    private final Set<Path> durable = new HashSet<>();
    private final List<String> claims = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private int syncs;

    DurableCalls(Path folder) {
        this.folder = folder;
    }

    List<String> claims() {
        return claims;
    }

    List<String> faults() {
        return faults;
    }

    int syncs() {
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
            case "write", "pwrite64" -> {
                written.add(descriptor(arguments));
                Matcher claim = CLAIM.matcher(arguments);
                if (arguments.startsWith("1<") && claim.find()) {
                    claim(claim.group());
                }
            }
            case "fsync", "fdatasync" -> sync(descriptor(arguments));
            case "link", "linkat", "rename", "renameat", "renameat2" -> {
                if (written.contains(paths.get(0))) {
                    faults.add(paths.get(1) + " was given its name before its bytes were synced");
                }
                names.add(paths.get(1));
                if (name.startsWith("rename")) {
                    names.remove(paths.get(0));
                }
            }
            case "mkdir", "mkdirat" -> names.add(paths.get(0));
            case "unlink", "unlinkat" -> names.remove(paths.get(0));
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

    private void claim(String claim) {
        claims.add(claim);
        Path path = folder.resolve(claim.substring(claim.indexOf(' ') + 1));
        if (claim.startsWith("DELETED")) {
            if (durable.contains(path)) {
                faults.add("After a loss of power it would be there again: " + claim);
            }
            return;
        }
        for (Path name = path; !name.equals(folder); name = DirectorySync.of(name)) {
            if (!durable.contains(name)) {
                faults.add("After a loss of power " + name + " would be missing: " + claim);
            }
        }
    }
}
