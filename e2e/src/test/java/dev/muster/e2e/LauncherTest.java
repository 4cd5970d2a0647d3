package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher, as somebody has it on the PATH: through a link, from another folder. It is not let build here: that
 * would replace the classes that these tests run on. Build before by {@code ./muster --version}.
 */
class LauncherTest {
    private static final long LIMIT_SECONDS = 60;

    @TempDir
    private Path elsewhere = Path.of("");

    @Test
    void tellsItsVersionThroughALinkFromAnotherFolder() throws Exception {
        // Tests run in the module's folder.
        Path launcher = Path.of("..", "muster").toRealPath();
        Path link = Files.createSymbolicLink(elsewhere.resolve("muster"), launcher);
        Path said = elsewhere.resolve("said");
        Path errors = elsewhere.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder(link.toString(), "--version")
                .directory(elsewhere.toFile())
                .redirectOutput(said.toFile())
                .redirectError(errors.toFile());
        builder.environment().merge("PATH", noMaven().toString(), (path, first) -> first + File.pathSeparator + path);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String trouble = Files.readString(errors, StandardCharsets.UTF_8);
        assumeThat(trouble)
                .as("NOT TESTED: the launcher was not built from these sources; run ./muster --version before")
                .doesNotContain("the build failed", "must be built");
        assertThat(process.exitValue()).as(trouble).isZero();
        assertThat(Files.readString(said, StandardCharsets.UTF_8)).containsPattern("\\d+\\.\\d+\\.\\d+");
    }

    /** A folder whose Maven builds nothing. */
    private Path noMaven() throws IOException {
        Path folder = Files.createDirectory(elsewhere.resolve("bin"));
        Files.writeString(
                Files.createFile(
                        folder.resolve("mvn"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))),
                "#!/bin/sh\nexit 1\n",
                StandardCharsets.UTF_8);
        return folder;
    }
}
