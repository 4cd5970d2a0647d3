package dev.muster.repository.expiry;

import static dev.muster.repository.expiry.ExpiringSource.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.storage.Stores;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that the system stops in the middle of its backup, as a laptop's lid or a snapshot of its machine does. */
class SuspendedWriterTest {
    private static final Duration DAYS = Duration.ofDays(3);

    @TempDir
    private Path directory;

    @Test
    @DisplayName("Repository and stores 2: a process stopped by SIGSTOP until its backup was decided against wakes by"
            + " SIGCONT, is told BACKUP_ABORTED, and what it stored after waking goes with the next expiry")
    void stoppedAndContinued() throws Exception {
        ExpiringSource test = ExpiringSource.create(directory);
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        test.folder.toUri().toString(),
                        test.key.path().toString())
                .redirectError(directory.resolve("err").toFile())
                .start();
        try (Repository repository = test.open();
                BufferedReader said = writer.inputReader(StandardCharsets.UTF_8)) {
            String kept = test.full(repository, 2, 1);
            String id = said.readLine();
            assertThat(id).as(Files.readString(directory.resolve("err"))).isNotBlank();
            signal("-STOP", writer);
            awaitStopped(writer);
            try (OutputStream end = writer.getOutputStream()) {
                end.write('\n');
            }
            test.age(DAYS);
            test.now = test.now.plus(DAYS);
            assertThat(expire(repository).aborted()).containsExactly(id);
            assertThat(writer.isAlive()).isTrue();

            signal("-CONT", writer);
            assertThat(said.readLine())
                    .as(Files.readString(directory.resolve("err")))
                    .isEqualTo("BACKUP_ABORTED");
            assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
            expire(repository);
            assertThat(test.keys().stream().filter(key -> key.contains(id)))
                    .singleElement()
                    .satisfies(key -> assertThat(key).endsWith("/COMMIT"));
            assertThat(ExpiringSource.ids(repository)).containsExactly(kept);
            Map<String, byte[]> restored = ExpiringSource.restore(repository, kept);
            test.contents
                    .getOrDefault(kept, Map.of())
                    .forEach((name, content) -> assertThat(restored.get(name)).isEqualTo(content));
            assertThat(restored).hasSize(2);
        } finally {
            writer.destroyForcibly();
        }
    }

    private static ExpiryResult expire(Repository repository) {
        RetentionPolicy newest = new RetentionPolicy(RetentionRules.last(1), ZoneOffset.UTC);
        Expiry expiry = new Expiry(repository, SOURCE, newest, ExpirySettings.defaults());
        return expiry.apply(expiry.plan(), ExpiryProgress.NONE);
    }

    private static void signal(String signal, Process process) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** The signal was sent, but each thread stops when it is next asked. */
    private static void awaitStopped(Process process) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!state(process).startsWith("T")) {
            assertThat(System.nanoTime()).as("it stops in time").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static String state(Process process) throws IOException {
        Process ps = new ProcessBuilder("ps", "-o", "state=", "-p", Long.toString(process.pid())).start();
        return new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    }

    /** Stores frames until it is told to commit. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws IOException {
            try (Repository repository =
                            Repository.open(Stores.open(arguments[0]), KeyFile.read(Path.of(arguments[1])));
                    BackupWriter backup = repository.startBackup(ExpiringSource.request())) {
                byte[] content = ExpiringSource.bytes(ExpiringSource.UNIT, 7);
                try (PackWriter pack = backup.pack()) {
                    pack.frame(content, 0, content.length);
                }
                System.out.println(backup.id());
                do {
                    try (PackWriter pack = backup.pack()) {
                        pack.frame(content, 0, content.length);
                    }
                } while (System.in.available() == 0);
                backup.commit(JsonNodeFactory.instance.objectNode());
                System.out.println("committed");
            } catch (RepositoryException e) {
                System.out.println(e.code());
            }
        }
    }
}
