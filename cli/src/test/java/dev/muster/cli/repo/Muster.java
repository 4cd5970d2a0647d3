package dev.muster.cli.repo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.cli.Errors;
import dev.muster.cli.wal.WalCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Types commands over one repository below a folder. */
public final class Muster {
    /** The root, as the launcher has it. */
    @Command(
            name = "muster",
            subcommands = {RepoCommand.class, RestoreCommand.class, WalCommand.class})
    static final class Root {
        private Root() {}

        public static void main(String[] arguments) {
            System.exit(Errors.configure(new CommandLine(new Root())).execute(arguments));
        }

        static CommandLine commandLine() {
            return Errors.configure(new CommandLine(new Root()));
        }
    }

    /** What a command did. */
    public record Said(int exit, String out, String err) {
        public JsonNode json() {
            try {
                return new ObjectMapper().readTree(out);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(out, e);
            }
        }

        public Said ok() {
            assertThat(exit).as(out + err).isZero();
            return this;
        }
    }

    private final Path folder;

    public Muster(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder.resolve("store"));
    }

    List<String> repository() {
        return List.of(
                "--store",
                "file://" + folder.resolve("store"),
                "--key-file",
                folder.resolve("key").toString());
    }

    /** A verb with the options that say which repository. */
    public Said run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(repository());
        return plain(all.toArray(String[]::new));
    }

    static Said plain(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = Root.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Said(exit, out.toString(), err.toString());
    }

    /** The same in a JVM of its own, with bytes for its standard input. */
    public Process child(String... arguments) throws IOException {
        return child(Map.of(), arguments);
    }

    Process child(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx128m", "-cp", System.getProperty("java.class.path"), Root.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MUSTER_STORE", "file://" + folder.resolve("store"));
        builder.environment().put("MUSTER_KEY_FILE", folder.resolve("key").toString());
        builder.environment().putAll(environment);
        return builder.redirectError(folder.resolve("child.err").toFile()).start();
    }
}
