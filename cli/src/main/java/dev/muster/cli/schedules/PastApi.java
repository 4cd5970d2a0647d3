package dev.muster.cli.schedules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.muster.cli.client.Answer;
import dev.muster.runbooks.yaml.ScheduleFiles;
import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.schedules.ScheduleBoard;
import dev.muster.workflows.schedules.TemporalScheduleBoard;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** To Temporal itself: where there is no API, or it is down. */
final class PastApi implements ScheduleWay {
    private static final Duration CONNECT = Duration.ofSeconds(15);
    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT);

    private final TemporalConnection temporal;
    private final ScheduleBoard board;

    private PastApi(TemporalConnection temporal) {
        this.temporal = temporal;
        this.board = new TemporalScheduleBoard(temporal.client(), Clock.systemUTC());
    }

    static PastApi connect() {
        return new PastApi(TemporalConnection.forOperator(CONNECT));
    }

    @Override
    public String told() {
        return "On Temporal at " + temporal.address();
    }

    @Override
    public Answer list(@Nullable String system) {
        return answer(Map.of("schedules", system == null ? board.list() : board.list(system)));
    }

    @Override
    public Answer show(String name) {
        return answer(board.find(name));
    }

    @Override
    public Answer apply(List<SourceText> files, boolean dryRun, boolean deleteUnmanaged) {
        List<LoadedSchedule> wanted = ScheduleFiles.read(files);
        Map<String, Object> applied = new LinkedHashMap<>();
        applied.put("dryRun", dryRun);
        applied.put("changes", dryRun ? board.plan(wanted, deleteUnmanaged) : board.apply(wanted, deleteUnmanaged));
        return answer(applied);
    }

    @Override
    public Answer pause(String name, String note) {
        board.pause(name, note);
        return done(name, "paused", null);
    }

    @Override
    public Answer resume(String name, String note) {
        board.resume(name, note);
        return done(name, "resumed", null);
    }

    @Override
    public Answer trigger(String name) {
        board.trigger(name);
        return done(name, "triggered", null);
    }

    @Override
    public Answer backfill(String name, Instant from, Instant to) {
        return done(name, "backfilled", board.backfill(name, from, to));
    }

    private static Answer done(String name, String what, @Nullable List<Instant> times) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("schedule", name);
        result.put("done", what);
        if (times != null) {
            result.put("times", times);
        }
        return answer(result);
    }

    private static Answer answer(Object value) {
        JsonNode json = JSON.valueToTree(value);
        try {
            return new Answer(200, JSON.writeValueAsString(json), json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An answer that is no JSON", e);
        }
    }

    @Override
    public void close() {
        temporal.close();
    }
}
