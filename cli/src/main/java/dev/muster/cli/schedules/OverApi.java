package dev.muster.cli.schedules;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.runbooks.yaml.ScheduleFiles;
import dev.muster.runbooks.yaml.SourceText;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The usual way: the API asks who it is, and keeps who said why. */
final class OverApi implements ScheduleWay {
    private static final Pattern FULL_NAME = Pattern.compile("([^/]+)/([^/]+)");

    private final ApiClient api;

    OverApi(ApiClient api) {
        this.api = api;
    }

    @Override
    public String told() {
        return "Over the API at " + api.api();
    }

    @Override
    public Answer list(@Nullable String system) throws InterruptedException {
        return api.get(ApiClient.path("schedules"), system == null ? Map.of() : Map.of("system", system));
    }

    @Override
    public Answer show(String name) throws InterruptedException {
        return api.get(path(name));
    }

    @Override
    public Answer apply(List<SourceText> files, boolean dryRun, boolean deleteUnmanaged) throws InterruptedException {
        // Their problems with the names that these files have here.
        var unused = ScheduleFiles.read(files);
        ObjectNode body = ApiClient.object();
        ArrayNode texts = body.putArray("files");
        for (SourceText file : files) {
            String name = file.file();
            texts.addObject()
                    .put("name", name.substring(name.lastIndexOf('/') + 1))
                    .put("text", file.text());
        }
        body.put("dryRun", dryRun).put("deleteUnmanaged", deleteUnmanaged);
        return api.put(ApiClient.path("schedules"), body);
    }

    @Override
    public Answer pause(String name, String note) throws InterruptedException {
        return api.post(path(name, "pause"), ApiClient.object().put("note", note));
    }

    @Override
    public Answer resume(String name, String note) throws InterruptedException {
        return api.post(path(name, "resume"), ApiClient.object().put("note", note));
    }

    @Override
    public Answer trigger(String name) throws InterruptedException {
        return api.post(path(name, "trigger"), ApiClient.object());
    }

    @Override
    public Answer backfill(String name, Instant from, Instant to) throws InterruptedException {
        return api.post(
                path(name, "backfill"),
                ApiClient.object().put("from", from.toString()).put("to", to.toString()));
    }

    /** @throws CliException SCHEDULE_NOT_FOUND if it is no full name */
    static String path(String name, String... more) {
        Matcher parts = FULL_NAME.matcher(name);
        if (!parts.matches()) {
            throw new CliException(
                    "SCHEDULE_NOT_FOUND",
                    "There is no schedule '" + name + "'.",
                    "Its full name is <system>/<name>: 'muster schedules list' has them all.",
                    ExitCode.BAD_INPUT);
        }
        String path = ApiClient.path("schedules", parts.group(1), parts.group(2));
        return more.length == 0 ? path : path + "/" + String.join("/", more);
    }

    @Override
    public void close() {}
}
