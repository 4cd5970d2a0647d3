package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevTest {
    private static final Pattern ADMIN = Pattern.compile("for machines +(\\S+)");
    private static final Pattern WEB_UI = Pattern.compile("web UI (\\S+)");
    private static final Pattern API = Pattern.compile("API +(\\S+)/v1 ");

    @TempDir
    Path folder;

    @Test
    void itsAdviceWorksLineByLineTokensStayInFilesAndTheEndOfInputLeavesNothing() throws Exception {
        try (DevProcess dev = new DevProcess(Files.createDirectory(folder.resolve("one")))) {
            dev.awaitUp();
            assertThat(status(dev.shown(ADMIN) + "/ready")).isEqualTo(200);
            assertThat(status(dev.shown(API) + "/v1/runs")).isEqualTo(401);
            expectSecretFiles(dev.folder().resolve("people"));

            String advice = dev.printed();
            int attack = advice.indexOf("Type 'attack'");
            List<String> first = DevProcess.copied(advice.substring(advice.indexOf("To try"), attack));
            assertThat(dev.follow(first))
                    .contains("\"intervals\":[{", "\"scenario\":\"backup\"", "event: end", "SUCCEEDED", "restore-test");

            dev.type("attack");
            dev.awaitLine("rows are gone");
            List<String> second = new ArrayList<>(first.subList(0, 1));
            second.addAll(DevProcess.copied(advice.substring(attack)));
            assertThat(dev.follow(second)).contains("\"approver\":\"bob\"", "event: end", "SUCCEEDED");

            List<ProcessHandle> processes = dev.processes();
            assertThat(processes).hasSizeGreaterThanOrEqualTo(6);
            dev.endInput();
            assertThat(dev.awaitEnd()).isZero();
            dev.expectNothingLeft(processes);
            assertThat(dev.printed()).doesNotContain("mst_");
        }
    }

    @Test
    @NeedsTemporal
    void twoAtOnceDoNotMeetAndCtrlCEndsOneAndLeavesTheOther() throws Exception {
        int port = freePort();
        try (DevProcess server = new DevProcess(
                        Files.createDirectory(folder.resolve("server")),
                        "--temporal=server",
                        "--port",
                        String.valueOf(port));
                DevProcess jvm = new DevProcess(Files.createDirectory(folder.resolve("jvm")))) {
            server.awaitUp();
            jvm.awaitUp();
            assertThat(server.shown(API)).endsWith(":" + port);
            assertThat(status(server.shown(WEB_UI))).isEqualTo(200);

            List<ProcessHandle> processes = server.processes();
            server.interrupt();
            assertThat(server.awaitEnd()).isEqualTo(130);
            server.expectNothingLeft(processes);

            assertThat(status(jvm.shown(ADMIN) + "/ready")).isEqualTo(200);
            List<ProcessHandle> others = jvm.processes();
            jvm.interrupt();
            jvm.awaitEnd();
            jvm.expectNothingLeft(others);
        }
    }

    private static void expectSecretFiles(Path people) throws Exception {
        try (Stream<Path> files = Files.list(people)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(6);
            for (Path file : all) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as("%s", file)
                        .isEqualTo("rw-------");
            }
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static int status(String address) throws Exception {
        return ((HttpURLConnection) URI.create(address).toURL().openConnection()).getResponseCode();
    }
}
