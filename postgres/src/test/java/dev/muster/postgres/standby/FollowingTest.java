package dev.muster.postgres.standby;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.instance.Server;
import dev.muster.postgres.replication.ServerAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

class FollowingTest {
    @TempDir
    Path folder;

    @Test
    void thePasswordIsInAFileOfItsOwnAlone() throws Exception {
        MemberServer server = new MemberServer(
                "b",
                TestCluster.installation(),
                new Server(TestCluster.installation(), folder.resolve("data"), folder.resolve("log")),
                new PGSimpleDataSource());
        ServerAddress address =
                ServerAddress.trusted("db:1", 5432, "repl").withPassword(() -> Optional.of("se:cr\\et"));
        Path file = folder.resolve("b.pgpass");
        Following following = new Following(address, "b", "muster_b", file);
        following.writePassword(server);
        assertThat(Files.readString(file)).isEqualTo("db\\:1:5432:*:repl:se\\:cr\\\\et\n");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(following.connection()).contains("passfile='" + file + "'").doesNotContain("se:cr");
        Following inside =
                new Following(address, "b", "muster_b", server.dataDirectory().resolve("p"));
        assertThatThrownBy(() -> inside.writePassword(server))
                .isInstanceOfSatisfying(
                        PostgresException.class,
                        refused -> assertThat(refused.code()).isEqualTo("PASSWORD_FILE_PLACE"));
    }
}
