package dev.muster.cli.systems;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.muster.cli.output.Times;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BackupCopiesTest {
    private static final Times TIMES = new Times(Clock.fixed(Instant.parse("2026-11-21T12:00:00Z"), ZoneOffset.UTC));

    private static JsonNode copies(String json) throws JsonProcessingException {
        return new ObjectMapper().readTree(json);
    }

    @Test
    @DisplayName("The deepest level that any copy reached is shown with its age, and where the backup is")
    void sound() throws JsonProcessingException {
        JsonNode copies = copies("""
                [{"repository": "offsite", "complete": true, "level": "listing", "verifiedAt": "2026-11-21T11:00:00Z"},
                 {"repository": "primary", "complete": true, "level": "content", "verifiedAt": "2026-11-18T12:00:00Z",
                  "keptBy": [{"by": "kim", "why": "the audit"}]}]
                """);
        assertThat(BackupCopies.places(copies)).isEqualTo("offsite, primary (kept)");
        assertThat(BackupCopies.proved(copies, TIMES)).isEqualTo("content 2026-11-18T12:00:00Z (3d ago)");
    }

    @Test
    @DisplayName("A problem in one copy is shown before all that is well in others")
    void problem() throws JsonProcessingException {
        JsonNode copies = copies("""
                [{"repository": "offsite", "complete": false, "level": "listing", "verifiedAt": "2026-11-20T11:00:00Z",
                  "problem": {"code": "OBJECT_MISSING"}},
                 {"repository": "primary", "complete": true, "level": "restore", "verifiedAt": "2026-11-21T11:00:00Z"}]
                """);
        assertThat(BackupCopies.places(copies)).isEqualTo("offsite (INCOMPLETE), primary");
        assertThat(BackupCopies.proved(copies, TIMES)).isEqualTo("OBJECT_MISSING in offsite");
    }

    @Test
    @DisplayName("An API of an earlier version tells of no copies, and nothing is made up")
    void earlier() {
        assertThat(BackupCopies.places(MissingNode.getInstance())).isEmpty();
        assertThat(BackupCopies.proved(MissingNode.getInstance(), TIMES)).isEmpty();
    }
}
