package dev.muster.drivers.traffic.command;

import dev.muster.drivers.traffic.Answer;
import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Observation;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.Patience;
import dev.muster.drivers.traffic.Place;
import dev.muster.drivers.traffic.Progress;
import dev.muster.drivers.traffic.Readiness;
import dev.muster.drivers.traffic.Report;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.TrafficDriver;
import dev.muster.drivers.traffic.TrafficException;
import dev.muster.drivers.traffic.Unverified;
import dev.muster.drivers.traffic.Verification;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** An endpoint moved by a program that the operator of this worker allowed. */
public final class CommandTraffic implements TrafficDriver {
    private static final int DONE = 0;
    private static final int ALREADY = 3;
    private static final int UNKNOWN = 4;

    /** Above it the shell and the JDK tell which signal ended a program. */
    private static final int SIGNALS = 128;

    private final CommandSettings settings;
    private final Patience patience;
    private final Unverified unverified;

    public CommandTraffic(CommandSettings settings, Patience patience) {
        this.settings = settings;
        this.patience = patience;
        this.unverified = new Unverified(settings.endpoint(), settings.acceptUnverified());
    }

    @Override
    public String description() {
        return "endpoint " + settings.endpoint() + " by command " + settings.program();
    }

    @Override
    public Observation observe() {
        if (!settings.reports()) {
            return unverified.observation(patience.clock().instant());
        }
        Answer answer;
        try {
            answer = shown();
        } catch (TrafficException e) {
            answer = new Answer.Silent(e.fault());
        }
        return new Observation(
                patience.clock().instant(),
                List.of(new Place(settings.endpoint(), settings.program() + " observe", answer)));
    }

    private Answer.Shown shown() {
        BoundedProcess.Ended ended = run(environment("observe"), Progress.UNWATCHED);
        int code = ended.code().orElse(UNKNOWN);
        if (code != DONE) {
            throw new TrafficException(
                    "TRAFFIC_UNREACHABLE",
                    settings.program() + " could not say where traffic goes ("
                            + ended.code().map(exit -> "exit code " + exit).orElse("killed at its bound") + "): "
                            + said(ended),
                    "Run it by hand with MUSTER_TRAFFIC_ACTION=observe.");
        }
        return Report.read(ended.output(), settings.sites(), settings.program() + " observe");
    }

    @Override
    public Readiness check(Desired desired) {
        try {
            desired.shares().requireKnown(settings.sites());
            AllowedProgram.require(settings);
            if (settings.reports()) {
                requireReplaceable(shown(), desired);
            }
        } catch (TrafficException e) {
            return new Readiness(List.of(e.fault()), List.of());
        }
        return settings.reports() ? new Readiness(List.of(), List.of()) : unverified.readiness();
    }

    private void requireReplaceable(Answer.Shown shown, Desired desired) {
        if (!shown.strangers().isEmpty() || !desired.mayReplace(shown.shares())) {
            throw new TrafficException(
                    "TRAFFIC_CHANGED",
                    settings.endpoint() + " shows " + shown.shares() + " " + shown.strangers()
                            + ", which is neither what the plan saw nor what is desired (" + desired.shares() + ")",
                    "Nothing was changed by this step. Find out who did, then plan again.");
        }
    }

    @Override
    public Outcome apply(Desired desired, Progress progress) {
        desired.shares().requireKnown(settings.sites());
        if (settings.reports()) {
            Answer.Shown shown = shown();
            requireReplaceable(shown, desired);
            if (shown.shares().equals(desired.shares())) {
                return done(Outcome.Effect.ALREADY, "");
            }
        } else {
            unverified.requireAccepted();
        }
        Map<String, String> environment = environment("apply");
        environment.put("MUSTER_TRAFFIC_TOKEN", desired.token());
        environment.put("MUSTER_TRAFFIC_SHARES", text(desired.shares()));
        environment.put(
                "MUSTER_TRAFFIC_TO",
                desired.shares().bySite().size() == 1
                        ? desired.shares().bySite().firstKey()
                        : "");
        desired.before().ifPresent(before -> environment.put("MUSTER_TRAFFIC_BEFORE", text(before.shares())));
        desired.drain().ifPresent(drain -> {
            environment.put(
                    "MUSTER_TRAFFIC_DRAIN_SECONDS", Long.toString(drain.bound().toSeconds()));
            environment.put("MUSTER_TRAFFIC_CLOSE_REST", Boolean.toString(drain.closeRest()));
        });
        progress.at("Running " + settings.program() + " for at most " + settings.timeout());
        return outcome(run(environment, progress));
    }

    private Outcome outcome(BoundedProcess.Ended ended) {
        int code = ended.code().orElse(UNKNOWN);
        if (code == DONE || code == ALREADY) {
            return done(code == DONE ? Outcome.Effect.CHANGED : Outcome.Effect.ALREADY, said(ended));
        }
        if (code == UNKNOWN || code > SIGNALS) {
            String why = ended.code().map(exit -> "exit code " + exit).orElse("it was killed at its bound");
            return Outcome.of(Outcome.Result.unknown(settings.endpoint(), why + ": " + said(ended)));
        }
        throw new TrafficException(
                "TRAFFIC_COMMAND_FAILED",
                settings.program() + " changed nothing and ended with code " + code + ": " + said(ended),
                "What it wrote says why; run it by hand on the worker.");
    }

    private Outcome done(Outcome.Effect effect, String detail) {
        return Outcome.of(Outcome.Result.of(settings.endpoint(), effect, detail));
    }

    private String text(Shares shares) {
        return settings.sites().stream()
                .sorted()
                .map(site -> site + "=" + shares.of(site))
                .collect(Collectors.joining(","));
    }

    private Map<String, String> environment(String action) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("LANG", "C.UTF-8");
        environment.put("MUSTER_TRAFFIC_ACTION", action);
        environment.put("MUSTER_TRAFFIC_ENDPOINT", settings.endpoint());
        return environment;
    }

    private BoundedProcess.Ended run(Map<String, String> environment, Progress progress) {
        AllowedProgram.require(settings);
        List<String> command = new ArrayList<>(List.of(settings.program().toString()));
        command.addAll(settings.arguments());
        try {
            return BoundedProcess.run(command, environment, settings.timeout(), progress);
        } catch (IOException e) {
            throw new TrafficException(
                    "TRAFFIC_COMMAND_FAILED",
                    settings.program() + " could not be started: " + e.getMessage(),
                    "Is setsid (util-linux) there, and is there memory?",
                    e);
        }
    }

    private static String said(BoundedProcess.Ended ended) {
        return (ended.errors().isBlank() ? ended.output() : ended.errors()).strip();
    }

    @Override
    public Verification verify(Desired desired, Instant deadline, Progress progress) {
        if (!settings.reports()) {
            return unverified.verification(patience.clock().instant());
        }
        desired.shares().requireKnown(settings.sites());
        return patience.verify(
                this::observe,
                desired,
                deadline,
                desired.before().map(before -> before.ttl()).filter(ttl -> !ttl.isZero()),
                progress);
    }

    @Override
    public void close() {}
}
