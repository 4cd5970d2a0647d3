package dev.muster.activities.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HighestEpochsTest {
    @TempDir
    Path folder;

    @Test
    void theHighestStaysAcrossARestartAndPerSystem() {
        assertThat(new HighestEpochs(folder).admit("orders", 7)).isTrue();
        HighestEpochs restarted = new HighestEpochs(folder);
        assertThat(restarted.highest("orders")).isEqualTo(7);
        assertThat(restarted.admit("orders", 6)).isFalse();
        assertThat(restarted.admit("orders", 7)).isTrue();
        assertThat(restarted.highest("billing")).isZero();
        assertThat(restarted.admit("billing", 1)).isTrue();
    }

    @Test
    void anUnreadableFileIsAnErrorAndNotZero() throws IOException {
        HighestEpochs epochs = new HighestEpochs(folder);
        epochs.admit("orders", 7);
        for (String content : new String[] {"", "seven\n", "7 8\n", "-3\n"}) {
            Files.writeString(folder.resolve("orders.epoch"), content);
            assertThatThrownBy(() -> epochs.admit("orders", 1))
                    .as("'%s'", content)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("orders.epoch");
        }
    }

    @Test
    void aSystemsNameThatIsAPathIsRefused() {
        assertThatThrownBy(() -> new HighestEpochs(folder).admit("../orders", 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
