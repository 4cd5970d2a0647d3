package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostLockTest {
    @TempDir
    Path folder;

    @Test
    void aSecondWorkerWithTheSameStateIsHeldOffUntilTheFirstHasEnded() throws IOException {
        Path file = folder.resolve("host.lock");
        HostLock first = HostLock.take(file);
        assertThatThrownBy(() -> HostLock.take(file))
                .isInstanceOfSatisfying(
                        HostTakenException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo("HOST_TAKEN"))
                .hasMessageContaining(file.toString());
        first.close();
        assertThatCode(() -> HostLock.take(file).close()).doesNotThrowAnyException();
    }
}
