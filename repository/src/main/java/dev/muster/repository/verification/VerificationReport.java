package dev.muster.repository.verification;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a look at a repository in one store found.
 *
 * @param repository its id
 * @param store its URL
 * @param levels in the order of their depth
 * @param restoreTest of the deepest level, if one is known
 */
public record VerificationReport(
        String repository,
        String store,
        Instant started,
        Instant ended,
        List<LevelResult> levels,
        Optional<RestoreTest> restoreTest) {
    public VerificationReport {
        levels = List.copyOf(levels);
    }

    public boolean sound() {
        return levels.stream().allMatch(LevelResult::sound)
                && restoreTest.map(RestoreTest::passed).orElse(true);
    }

    /** The same with what a run has found out by restoring. */
    public VerificationReport with(RestoreTest test) {
        return new VerificationReport(repository, store, started, ended, levels, Optional.of(test));
    }

    /** @throws dev.muster.repository.RepositoryException the first problem, if there is one */
    public VerificationReport requireSound() {
        for (LevelResult level : levels) {
            if (!level.sound()) {
                throw level.problems().get(0).toException();
            }
        }
        return this;
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("repository", repository).put("store", store).put("sound", sound());
        json.put("started", started.toString()).put("ended", ended.toString());
        ArrayNode list = json.putArray("levels");
        levels.forEach(level -> list.add(level.toJson()));
        restoreTest.ifPresent(test -> list.add(test.toJson()));
        return json;
    }
}
