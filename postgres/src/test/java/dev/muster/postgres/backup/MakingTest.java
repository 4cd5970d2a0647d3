package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.muster.repository.BackupKind;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MakingTest {
    @Test
    @DisplayName("How a backup was made is read as it was written, and what older or newer versions wrote stops nobody")
    void isReadAsWritten() {
        Making making = new Making(
                BackupKind.DIFFERENTIAL, Optional.of("01J"), Making.Method.SUMMARIES, "because", 1, 2, 3, 4, 5);
        assertThat(Making.of(making.toJson())).isEqualTo(making);
        assertThat(Making.of(Making.UNTOLD.toJson())).isEqualTo(Making.UNTOLD);
        assertThat(Making.of(MissingNode.getInstance())).isEqualTo(Making.UNTOLD);
        assertThat(Making.of(making.toJson().put("method", "telepathy"))).isEqualTo(Making.UNTOLD);
        assertThat(Making.of(JsonNodeFactory.instance.objectNode())).isEqualTo(Making.UNTOLD);
    }
}
