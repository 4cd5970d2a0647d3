package dev.muster.api.runs;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.api.intake.Texts;
import dev.muster.api.problem.ApiException;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.ClaimedStart;
import dev.muster.catalog.Documents;
import dev.muster.catalog.Identity;
import dev.muster.catalog.RunRecord;
import dev.muster.catalog.SystemRecord;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.ShippedRunbooks;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunStarter;
import dev.muster.workflows.run.RunStatus;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Starts runs, each Idempotency-Key one: however often it is repeated, and by however many instances of the API at
 * once. A start whose answer was lost is taken up by the repeat.
 */
public final class RunStart {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,128}");
    private static final int LONGEST_NAME = 200;

    private final Catalog catalog;
    private final RunStarter starter;
    private final Clock clock;

    public RunStart(Catalog catalog, RunStarter starter, Clock clock) {
        this.catalog = catalog;
        this.starter = starter;
        this.clock = clock;
    }

    /** What a run is asked for with. */
    @Schema(name = "StartRun", description = "What a run is asked for with")
    record Request(
            @Schema(description = "The system's name", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String system,

            @Schema(
                    description = "shipped:NAME for one of GET /v1/runbooks, or a runbook's YAML",
                    requiredMode = Schema.RequiredMode.REQUIRED,
                    example = "shipped:restore-test")
            @Nullable String runbook,

            @Schema(description = "Whether to end once the plan is made; false if absent") @Nullable Boolean dryRun) {}

    /**
     * @param first whether this request started it, as opposed to an earlier one with the same key
     */
    private record Started(RunRecord run, boolean first) {}

    /** What is answered to a start: 201 with the run's path, or 200 to a repeat. */
    Response answer(@Nullable String key, Request request, boolean dryRun, Identity caller) {
        Started started = start(key, request, dryRun, caller.subject());
        URI location = URI.create("/v1/runs/" + started.run().runId());
        return (started.first() ? Response.created(location) : Response.ok().location(location))
                .entity(RunView.of(started.run()))
                .build();
    }

    /**
     * Starts the run, or finds the one that the key stands for. A request that is refused takes no key.
     *
     * @throws ApiException for whatever is wrong with the request
     */
    private Started start(@Nullable String key, Request request, boolean dryRun, String requester) {
        String checked = checkedKey(key);
        String systemName = Texts.required("system", request.system(), LONGEST_NAME);
        String runbookText = Texts.required("runbook", request.runbook(), RunRequest.LONGEST_FILE);
        SystemRecord system = catalog.systems()
                .find(systemName)
                .orElseThrow(() -> new ApiException(
                                404,
                                "SYSTEM_NOT_FOUND",
                                "There is no system '" + Texts.shortened(systemName) + "'.",
                                "GET /v1/systems lists them; PUT /v1/systems/NAME makes one.")
                        .at("system"));
        RunbookFiles.LoadedRunbook loaded = load(runbookText, system);
        ClaimedStart claimed = catalog.starts()
                .claim(
                        checked,
                        requester,
                        Documents.hash(systemName + "\n" + dryRun + "\n" + runbookText),
                        () -> UlidCreator.getMonotonicUlid().toString());
        if (claimed.confirmed()) {
            return new Started(known(claimed.runId()), false);
        }
        Optional<RunRecord> recorded = catalog.runs().find(claimed.runId());
        if (recorded.isPresent()) {
            catalog.starts().confirm(claimed.runId());
            return new Started(recorded.get(), false);
        }
        return new Started(begin(claimed, requester, dryRun, loaded, system), claimed.first());
    }

    private static String checkedKey(@Nullable String key) {
        if (key == null) {
            throw new ApiException(
                            400,
                            "IDEMPOTENCY_KEY_MISSING",
                            "The header Idempotency-Key is missing, so a repeat could start the run twice.",
                            "Send a new random one, such as a UUID, with each new request, and the same with its repeats.")
                    .at("Idempotency-Key");
        }
        if (!KEY.matcher(key).matches()) {
            throw new ApiException(
                            400,
                            "IDEMPOTENCY_KEY_INVALID",
                            "The header Idempotency-Key is not 1 to 128 printable ASCII characters without blanks.",
                            "Send a random one, such as a UUID.")
                    .at("Idempotency-Key");
        }
        return key;
    }

    private static RunbookFiles.LoadedRunbook load(String runbook, SystemRecord system) {
        // Never a file of this machine: only the shipped ones go by name.
        SourceText source = runbook.startsWith(ShippedRunbooks.PREFIX)
                ? ShippedRunbooks.source(runbook.substring(ShippedRunbooks.PREFIX.length()))
                : new SourceText("runbook", runbook);
        return RunbookFiles.read(List.of(source, new SourceText("system " + system.name(), system.yaml())))
                .only();
    }

    private RunRecord known(String runId) {
        return catalog.runs()
                .find(runId)
                .orElseThrow(() -> new IllegalStateException("The run " + runId + " is confirmed and has no record"));
    }

    private RunRecord begin(
            ClaimedStart claimed,
            String requester,
            boolean dryRun,
            RunbookFiles.LoadedRunbook loaded,
            SystemRecord system) {
        String runId = claimed.runId();
        RunRequest request = new RunRequest(
                RunRequest.SCHEMA,
                runId,
                requester,
                dryRun,
                new RunRequest.SourceFile(
                        loaded.source().file(), loaded.source().text()),
                new RunRequest.SourceFile(
                        loaded.systemSource().file(), loaded.systemSource().text()));
        dev.muster.runbooks.Scenario scenario = loaded.resolved().runbook().scenario();
        String runbookHash = catalog.documents().put("runbook", loaded.source().text());
        String workflowId = RunStarter.workflowId(scenario, system.name(), request);
        // A start whose answer was lost may have ended meanwhile, and its workflow id be free again.
        if (claimed.first() || !starter.wasStarted(scenario, system.name(), request)) {
            starter.start(scenario, system.name(), request);
        }
        RunRecord run = new RunRecord(
                runId,
                workflowId,
                system.name(),
                scenario.id(),
                requester,
                dryRun,
                runbookHash,
                null,
                RunStatus.State.PLANNING.name(),
                null,
                null,
                null,
                clock.instant(),
                null,
                0,
                null,
                null);
        catalog.runs().upsert(run);
        catalog.starts().confirm(runId);
        return catalog.runs().find(runId).orElse(run);
    }
}
