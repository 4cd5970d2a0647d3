package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.TestCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlFileTest {
    @TempDir
    Path folder;

    @Test
    void itSaysWhatTheServerSaysAndPoisonedKeepsTheServerFromStarting() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder, 1)) {
            cluster.execute("checkpoint");
            ControlFile control = ControlFile.read(cluster.data());
            assertThat(control.systemId())
                    .isEqualTo(cluster.value("select system_identifier from pg_control_system()"));
            assertThat(control.checkpoint())
                    .isEqualTo(Lsn.parse(cluster.value("select checkpoint_lsn from pg_control_checkpoint()")));
            assertThat(control.redo())
                    .isEqualTo(Lsn.parse(cluster.value("select redo_lsn from pg_control_checkpoint()")));
            assertThat(control.timeline()).isEqualTo(1);
            assertThat(control.controlVersion())
                    .isEqualTo(Integer.parseInt(cluster.value("select pg_control_version from pg_control_system()")));
            cluster.server().stop(TestCluster.LIMIT);
            byte[] sound = ControlFile.read(cluster.data()).content();
            Path path = cluster.data().resolve(ControlFile.PATH);
            Files.write(path, ControlFile.parse(sound).poisoned().content());
            assertThatThrownBy(() -> cluster.server().start(TestCluster.LIMIT)).isInstanceOf(PostgresException.class);
            assertThat(Files.readString(cluster.server().log())).contains("could not locate a valid checkpoint record");
            Files.write(path, sound);
            cluster.server().start(TestCluster.LIMIT);
        }
    }

    @Test
    void aTornOneIsNotTaken() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder, 1)) {
            byte[] content = ControlFile.read(cluster.data()).content();
            content[40] ^= 1;
            assertThatThrownBy(() -> ControlFile.parse(content))
                    .isInstanceOfSatisfying(
                            PostgresException.class, e -> assertThat(e.code()).isEqualTo("CONTROL_FILE_DAMAGED"));
        }
    }
}
