package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher over a copy of the sources, so that what it builds does not replace the classes that these tests run on.
 * It is called as somebody has it on the PATH: through a link, from another folder.
 */
class LauncherTest {
    private static final long LIMIT_SECONDS = 300;

    /** Tests run in their module's folder. */
    private static final Path SOURCES = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path elsewhere = Path.of("");

    private Path copy = Path.of("");
    private Path link = Path.of("");

    private record Said(int exitCode, String out, String errors) {}

    @BeforeEach
    void copyTheSources() throws IOException {
        copy = Files.createDirectory(elsewhere.resolve("copy"));
        copy("muster");
        copy("pom.xml");
        copy(".mvn");
        try (Stream<Path> modules = Files.list(SOURCES)) {
            for (Path module : modules.filter(each -> Files.exists(each.resolve("pom.xml")))
                    .toList()) {
                copy(module.getFileName() + "/pom.xml");
                copy(module.getFileName() + "/src/main");
            }
        }
        link = Files.createSymbolicLink(elsewhere.resolve("muster"), copy.resolve("muster"));
    }

    @Test
    void itBuildsWhatIsMissingOnceAndAgainOnlyWhenASourceChanged() throws Exception {
        Said first = muster(mavenOfThisBuild());
        assertThat(first.exitCode()).as(first.errors()).isZero();
        assertThat(first.out()).containsPattern("\\d+\\.\\d+\\.\\d+");
        assertThat(first.errors()).contains("muster: building").containsPattern("\\[1/\\d+] +Muster");

        Path noMaven = brokenMaven();
        Said second = muster(noMaven);
        assertThat(second).isEqualTo(new Said(0, first.out(), ""));
        try (Stream<Path> built = Files.walk(copy.resolve("embedded/target/distribution"), 2)) {
            assertThat(built.filter(each -> each.toString().endsWith(".jsa")))
                    .as("the archive of classes")
                    .singleElement()
                    .satisfies(archive -> assertThat(Files.size(archive)).isPositive());
        }

        Files.writeString(copy.resolve("cli/src/main/java/dev/muster/cli/New.java"), "// New\n");
        Said third = muster(noMaven);
        assertThat(third.exitCode()).isEqualTo(1);
        assertThat(third.errors()).contains("the build failed. Everything it said is in", "build.log");
    }

    @Test
    void withoutMavenItSaysWhatIsMissing() throws Exception {
        // What else the launcher needs is found where it is; only Maven is not.
        Path bin = Files.createDirectory(elsewhere.resolve("bin"));
        for (String tool : List.of(
                "sh", "find", "cksum", "sort", "tr", "dirname", "readlink", "sed", "flock", "mkdir", "head", "cat")) {
            for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
                Path program = Path.of(folder, tool);
                if (Files.isExecutable(program)) {
                    Files.createSymbolicLink(bin.resolve(tool), program);
                    break;
                }
            }
        }
        Said said = run(bin.toString());
        assertThat(said.exitCode()).isEqualTo(1);
        assertThat(said.errors()).contains("found no Maven (mvn) on the PATH. Install it");
    }

    private Said muster(Path maven) throws Exception {
        return run(maven + File.pathSeparator + System.getenv("PATH"));
    }

    private Said run(String path) throws Exception {
        Path out = elsewhere.resolve("out");
        Path errors = elsewhere.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder(link.toString(), "--version")
                .directory(elsewhere.toFile())
                .redirectOutput(out.toFile())
                .redirectError(errors.toFile());
        builder.environment().put("PATH", path);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return new Said(process.exitValue(), read(out), read(errors));
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    private static Path mavenOfThisBuild() {
        String home = System.getProperty("muster.maven.home");
        assertThat(home)
                .as("the build tells its tests where Maven is; started otherwise, give -Dmuster.maven.home")
                .isNotNull();
        return Path.of(home, "bin");
    }

    /** A folder whose Maven builds nothing. */
    private Path brokenMaven() throws IOException {
        Path folder = Files.createDirectory(elsewhere.resolve("broken"));
        Files.writeString(
                Files.createFile(
                        folder.resolve("mvn"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))),
                "#!/bin/sh\nexit 1\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.WRITE);
        return folder;
    }

    private void copy(String name) throws IOException {
        Path from = SOURCES.resolve(name);
        if (!Files.exists(from)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path to = copy.resolve(SOURCES.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.createDirectories(to.resolveSibling("."));
                    Files.copy(file, to);
                }
            }
        }
    }
}
