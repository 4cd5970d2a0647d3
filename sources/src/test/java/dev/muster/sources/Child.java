package dev.muster.sources;

import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.sources.diff.TreeDiff;
import dev.muster.sources.files.FileBackup;
import dev.muster.sources.files.FileBackupResult;
import dev.muster.sources.files.FileRules;
import dev.muster.sources.restore.RestoreSettings;
import dev.muster.sources.restore.TreeRestore;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Backups and restores in a JVM of their own, with another locale, another user, or another heap. */
public final class Child {
    private Child() {}

    /** What a child said, both outputs together. */
    public record Said(int exit, String text) {}

    /** @param before what runs the JVM, such as {@code unshare -U}; mostly nothing */
    public static Said run(List<String> before, Map<String, String> environment, String heap, String... arguments)
            throws IOException, InterruptedException {
        Process process = start(before, environment, heap, arguments);
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException("The child does not end: " + text);
        }
        return new Said(process.exitValue(), text);
    }

    /** The same, not waited for. */
    public static Process start(List<String> before, Map<String, String> environment, String heap, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The verb, then the folder of the {@link TestStore}, then what the verb needs. */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[1]);
        try (Repository repository = Repository.open(
                Stores.open("file://" + folder.resolve("store")), KeyFile.read(folder.resolve("key")))) {
            switch (arguments[0]) {
                case "backup" -> backup(repository, folder, arguments.length > 2);
                case "restore" -> restore(repository, arguments[2], Path.of(arguments[3]));
                case "diff" -> diff(repository, arguments[2], Path.of(arguments[3]));
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        } catch (SourceException e) {
            System.out.println(e.code() + ": " + e.getMessage());
            System.exit(1);
        }
    }

    private static void backup(Repository repository, Path folder, boolean allowUnreadable) {
        FileBackup.Settings settings = new FileBackup.Settings(
                folder.resolve("tree"), "child", 2, 1, FileRules.defaults(), false, allowUnreadable, false);
        FileBackupResult result =
                new FileBackup(repository, TestStore.SOURCE, settings, TestStore.LATER).run(Progress.NONE);
        System.out.println(result.backupId());
        System.out.println("unreadable " + result.unreadable().names());
        Runtime runtime = Runtime.getRuntime();
        System.out.println(String.format(
                Locale.ROOT,
                "%d files, %d unchanged, heap of %d MB",
                result.files(),
                result.unchangedFiles(),
                runtime.maxMemory() >> 20));
    }

    private static void restore(Repository repository, String backup, Path target) {
        new TreeRestore(repository, TestStore.SOURCE, backup, RestoreSettings.into(target)).run(Progress.NONE);
        System.out.println("restored");
    }

    private static void diff(Repository repository, String backup, Path directory) {
        new TreeDiff(
                        repository.backup(TestStore.SOURCE, backup),
                        directory,
                        FileRules.defaults(),
                        true,
                        difference -> System.out.println("differs: " + difference))
                .run();
        System.out.println("compared");
    }
}
