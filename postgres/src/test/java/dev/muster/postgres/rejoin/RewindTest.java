package dev.muster.postgres.rejoin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.PostgresVersion;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.instance.Installation;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Thorough
class RewindTest {
    private static final String ROWS = "select count(*) || md5(string_agg(t::text, ',' order by n)) from orders t";

    @TempDir
    Path folder;

    @AfterEach
    void backToTheNewest() {
        PostgresVersion.useNewest();
    }

    private static FailedOver diverged(Path folder) throws Exception {
        FailedOver failover = FailedOver.beforePromotion(folder);
        failover.old().execute("update orders set state = 'lost' where n <= 500", "vacuum orders");
        failover.old().server().stop(TestCluster.LIMIT);
        failover.promote();
        return failover;
    }

    private static void assertSameRows(FailedOver failover) throws Exception {
        String expected = BackedUpCluster.value(failover.standby, ROWS);
        await().atMost(BackedUpCluster.LIMIT)
                .untilAsserted(() -> assertThat(failover.old().value(ROWS)).isEqualTo(expected));
    }

    @Test
    void anOldPrimaryRejoinsByPgRewindWhereItIsInstalled() throws Exception {
        Optional<Integer> major = IntStream.rangeClosed(14, PostgresVersion.NEWEST)
                .boxed()
                .filter(version -> Files.isExecutable(debian(version).resolve("bin/pg_rewind")))
                .reduce((older, newer) -> newer);
        if (major.isEmpty()) {
            String loud = "NOT RUN: pg_rewind is not here. apt-get install postgresql brings it.";
            Thorough.Loud.say(loud);
            Assumptions.abort(loud);
        }
        PostgresVersion.use(major.orElseThrow());
        Installation installed = Installation.at(debian(major.orElseThrow()));
        try (FailedOver failover = diverged(folder)) {
            Rejoin rejoin = failover.rejoin(installed, Optional.of(RejoinMethod.REWIND), Optional.empty());
            RejoinPlan plan = rejoin.plan(Progress.NONE);
            assertThat(plan.options())
                    .allSatisfy(option -> assertThat(option.reason()).isNotBlank());
            assertThat(plan.chosen()).as("%s", plan.options()).isPresent();
            assertThat(plan.chosen().orElseThrow().bytes())
                    .as("%s", plan.options())
                    .isPresent();
            RejoinResult result =
                    rejoin.run(Optional.of(RejoinApproval.of(rejoin.examine())), phase -> {}, Progress.NONE);
            assertThat(result.method()).isEqualTo(RejoinMethod.REWIND);
            assertThat(result.salvage()).isPresent();
            assertSameRows(failover);
        }
    }

    private static Path debian(int major) {
        return Path.of("/usr/lib/postgresql/" + major);
    }

    @Test
    @DisplayName("What a failed rewind leaves cannot be started, and is restored over (Failover 9)")
    void whatAFailedRewindLeavesCannotBeStartedAndIsRestoredOver() throws Exception {
        Installation broken = withBrokenRewind();
        try (FailedOver failover = diverged(folder)) {
            Rejoin rejoin = failover.rejoin(broken, Optional.empty(), Optional.empty());
            Optional<RejoinApproval> approval = Optional.of(RejoinApproval.of(rejoin.examine()));
            assertThat(rejoin.plan(Progress.NONE).chosen().orElseThrow().method())
                    .isEqualTo(RejoinMethod.REWIND);
            boolean[] begun = new boolean[1];
            Progress cancelled = new Progress() {
                @Override
                public void advanced(long done, long total) {}

                @Override
                public boolean cancelled() {
                    return begun[0];
                }
            };
            assertThatThrownBy(
                            () -> rejoin.run(approval, phase -> begun[0] |= phase == RejoinPhase.CHANGING, cancelled))
                    .isInstanceOfSatisfying(
                            PostgresException.class, e -> assertThat(e.code()).isEqualTo("CANCELLED"));
            assertThatThrownBy(() -> failover.old().server().start(TestCluster.LIMIT))
                    .isInstanceOf(PostgresException.class);
            RejoinResult result = failover.rejoin(broken, Optional.empty(), Optional.empty())
                    .run(approval, phase -> {}, Progress.NONE);
            assertThat(result.method()).isEqualTo(RejoinMethod.DELTA_RESTORE);
            assertSameRows(failover);
        }
    }

    /** PostgreSQL's own programs, and a pg_rewind that overwrites a page and dies. */
    private Installation withBrokenRewind() throws Exception {
        Path home = folder.resolve("programs");
        Files.createDirectories(home.resolve("bin"));
        for (String program : new String[] {"postgres", "pg_ctl", "initdb"}) {
            Files.createSymbolicLink(
                    home.resolve("bin").resolve(program),
                    TestCluster.installation()
                            .home()
                            .resolve("bin")
                            .resolve(program)
                            .toRealPath());
        }
        program(home, "pg_controldata", "echo 'wal_log_hints setting:               on'");
        program(
                home,
                "pg_rewind",
                "case \"$*\" in *--dry-run*) echo 'need to copy 0 MB (total source directory size is 20 MB)';;"
                        + " *) data=\"${1#--target-pgdata=}\"; for file in \"$data\"/base/5/2*; do"
                        + " dd if=/dev/urandom of=\"$file\" bs=8192 count=1 conv=notrunc 2>/dev/null; done; exit 1;;"
                        + " esac");
        return Installation.at(home);
    }

    private static void program(Path home, String name, String line) throws Exception {
        Path file = home.resolve("bin").resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + line + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
