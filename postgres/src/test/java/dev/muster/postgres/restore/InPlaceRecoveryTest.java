package dev.muster.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InPlaceRecoveryTest {
    @TempDir
    Path folder;

    private static String code(Runnable action) {
        try {
            action.run();
            return "no error";
        } catch (PostgresException e) {
            return e.code();
        }
    }

    @Test
    @DisplayName("Both signals, an old target and hot_standby off in the backup do not change what recovery does"
            + " (PostgreSQL recovery 6)")
    void whatAnEarlierRecoveryLeftIsReplaced() throws Exception {
        try (BackedUpCluster source = BackedUpCluster.start(folder)) {
            source.cluster()
                    .execute(
                            "create table t as select 1 as n",
                            "alter system set hot_standby = off",
                            "alter system set recovery_target_name = 'of an earlier recovery'",
                            "alter system set primary_conninfo = 'host=192.0.2.1'");
            Files.writeString(source.cluster().data().resolve("standby.signal"), "");
            BackupResult backup = source.backup();
            Files.delete(source.cluster().data().resolve("standby.signal"));
            source.settle();
            Path data = folder.resolve("place/data");
            source.restore(backup, folder.resolve("place")).run(Progress.NONE);
            Files.writeString(data.resolve("standby.signal"), "");
            int port = TestCluster.freePort();
            Path conf = data.resolve("postgresql.auto.conf");
            Files.writeString(conf, Files.readString(conf).replaceAll("(?m)^port = .*", "port = " + port));
            InPlaceRecovery.Purpose paused = new InPlaceRecovery.Purpose.Recover(
                    new RecoveryTarget.Immediate(), 1, InPlaceRecovery.AtTarget.PAUSE);
            Path spool = folder.resolve("spool");
            Optional<String> command = Optional.of(WalSpool.restoreCommand(spool, Duration.ofSeconds(30)));
            InPlaceRecovery.configure(data, paused, command);
            InPlaceRecovery.configure(data, paused, command);
            assertThat(data.resolve("standby.signal")).doesNotExist();
            assertThat(data.resolve("recovery.signal")).exists();
            assertThat(Files.readString(conf))
                    .doesNotContain("earlier recovery", "192.0.2.1")
                    .containsOnlyOnce("Added by Muster")
                    .containsOnlyOnce("recovery_target = 'immediate'")
                    .contains("shared_buffers = '32MB'");
            TestCluster.installation().own(folder.resolve("place"));
            try (WalSpool filler = WalSpool.start(spool, source.archive().along(1), TestCluster.installation()::own);
                    TestCluster live = TestCluster.adopt(data, folder.resolve("place/log"), port)) {
                org.awaitility.Awaitility.await()
                        .atMost(BackedUpCluster.LIMIT)
                        .until(() -> live.value("select pg_get_wal_replay_pause_state()")
                                .equals("paused"));
                assertThat(live.value("select n from t")).isEqualTo("1");
                assertThat(filler.trouble()).isEmpty();
            }
        }
    }

    @Test
    void whatIsNotAWholeRestoreIsRefusedAndNoPasswordIsWritten() throws Exception {
        InPlaceRecovery.Purpose follow = new InPlaceRecovery.Purpose.Follow("host=a passfile=/p", Optional.of("s1"));
        assertThat(code(() -> InPlaceRecovery.configure(folder, follow, Optional.empty())))
                .isEqualTo("RESTORE_INCOMPLETE");
        for (String connection : new String[] {
            "host=a password=secret", "password = 'x'", "postgresql://u:secret@a/db", "host=a sslpassword=x"
        }) {
            assertThat(code(() -> new InPlaceRecovery.Purpose.Follow(connection, Optional.empty())))
                    .as(connection)
                    .isEqualTo("PASSWORD_IN_CONNECTION");
        }
        assertThat(code(() -> new InPlaceRecovery.Purpose.Follow("host=a", Optional.of("no; slot"))))
                .isEqualTo("SLOT_NAME_INVALID");
    }
}
