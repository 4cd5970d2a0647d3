package dev.muster.embedded.start;

import dev.muster.embedded.Main;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Uses the engine once in a folder of its own and loads what a backup of PostgreSQL would need, so that a JVM started with
 * {@code -XX:ArchiveClassesAtExit} leaves an archive of just those classes. Verbs that live for seconds then neither read
 * nor check them again: half a second of CPU time at each start.
 */
public final class ClassTraining {
    /** Jars of which everything is loaded: a training without a PostgreSQL server would not meet their classes. */
    private static final Pattern WHOLE =
            Pattern.compile("(muster-(cli|repository|postgres|storage|sources)|postgresql)-.*jar");

    private static final String CLASS = ".class";

    private ClassTraining() {}

    /** No arguments. Fails, and leaves no archive worth keeping, if a verb fails. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("muster-training");
        try {
            use(folder);
        } finally {
            remove(folder);
        }
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path jar = Path.of(entry);
            if (WHOLE.matcher(String.valueOf(jar.getFileName())).matches()) {
                load(jar);
            }
        }
    }

    private static void use(Path folder) throws IOException {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.writeString(tree.resolve("file"), "Something to keep.\n".repeat(100_000));
        Path store = Files.createDirectories(folder.resolve("store"));
        List<String> repository = List.of(
                "--store",
                store.toUri().toString(),
                "--key-file",
                folder.resolve("key").toString());
        run(repository, "repo", "init");
        run(repository, "repo", "backup", "files:" + tree, "--source", "training");
        run(repository, "repo", "list");
        run(repository, "repo", "list", "--output", "json");
        run(repository, "repo", "verify", "--source", "training");
        run(
                repository,
                "repo",
                "restore",
                "--source",
                "training",
                "--to",
                folder.resolve("restored").toString());
    }

    private static void run(List<String> options, String... verb) {
        List<String> arguments = new ArrayList<>(List.of(verb));
        arguments.addAll(options);
        String[] all = arguments.toArray(new String[0]);
        int code = Main.commandLineFor(all)
                .setOut(new PrintWriter(Writer.nullWriter()))
                .execute(all);
        if (code != 0) {
            throw new IllegalStateException("The training's '" + String.join(" ", verb) + "' ended with " + code);
        }
    }

    private static void load(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            List<String> names = file.stream()
                    .map(Object::toString)
                    .filter(name ->
                            name.endsWith(CLASS) && !name.startsWith("META-INF") && !name.endsWith("-info.class"))
                    .map(name ->
                            name.substring(0, name.length() - CLASS.length()).replace('/', '.'))
                    .toList();
            for (String name : names) {
                load(name);
            }
        }
    }

    /** A class whose optional library is not here is no part of the archive; nothing else depends on it. */
    private static void load(String name) {
        try {
            Class.forName(name, false, ClassTraining.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            System.err.println("not in the archive: " + e);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            found.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
