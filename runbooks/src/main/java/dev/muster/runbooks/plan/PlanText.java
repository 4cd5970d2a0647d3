package dev.muster.runbooks.plan;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.steps.StepType;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A plan in plain text, for the person who is asked to approve it: at most {@link #WIDTH} columns. */
public final class PlanText {
    /** Characters. */
    public static final int WIDTH = 100;

    private static final int LABEL = 14;
    private static final int FORECAST = 11;

    private final Plan plan;
    private final StringBuilder text = new StringBuilder();

    private PlanText(Plan plan) {
        this.plan = plan;
    }

    /** The whole plan, with its hash at the end. */
    public static String render(StoredPlan stored) {
        return new PlanText(stored.plan()).render(stored.hash());
    }

    private String render(String hash) {
        line("Plan: " + plan.scenario().id() + " of " + plan.system() + "/"
                + plan.database().name());
        line("");
        what();
        line("");
        steps();
        line("");
        promises();
        line("");
        touched();
        if (!plan.warnings().isEmpty()) {
            line("");
            plan.warnings().forEach(warning -> entry("Warning", warning));
        }
        line("");
        entry("Plan hash", hash);
        return text.toString();
    }

    private void what() {
        entry("Run", plan.runId() + ", asked for by " + plan.requester());
        entry(
                "Runbook",
                plan.sources().runbook() + ", tier " + plan.tier().id() + " (state of " + moment(plan.observedAt())
                        + ")");
        entry(
                "Database",
                plan.database().name() + " on host " + plan.database().host() + ", site "
                        + plan.database().site() + ", " + plan.database().dataDirectory());
        entry("Repository", plan.repository().name() + ", " + plan.repository().store());
        RepositoryObservation.Backup backup = plan.backup();
        if (backup != null) {
            entry(
                    "Backup",
                    backup.id() + ", " + backup.kind() + ", " + Sizes.format(backup.bytes()) + ", ended "
                            + moment(backup.stopTime()) + " at " + backup.stop() + ", timeline " + backup.timeline());
        }
        Plan.ResolvedTarget target = plan.target();
        if (target != null) {
            entry("Target", target.point().describe() + ", timeline " + target.timeline() + ": " + target.why());
            DestructiveTransaction destructive = target.destructive();
            if (destructive != null) {
                entry("It deleted", deleted(destructive));
            }
        }
        Plan.Copy copy = plan.copy();
        if (copy != null) {
            Integer port = copy.port();
            entry("Copy", copy.directory() + ", port " + (port == null ? "chosen when it starts" : port));
        }
        StoreWork.of(plan).forEach(each -> entry(each.label(), each.value()));
        Plan.ApprovalNeeded approval = plan.approval();
        entry(
                "Approval",
                approval == null
                        ? "not needed"
                        : "by somebody with the role " + approval.role() + " who is not " + plan.requester()
                                + ", within " + duration(approval.expiresSeconds()));
    }

    private static String deleted(DestructiveTransaction destructive) {
        List<String> parts = new ArrayList<>();
        destructive
                .relations()
                .forEach(relation -> parts.add(
                        String.format(Locale.ROOT, "%,d rows of %s", relation.rowsDeleted(), relation.name())));
        return String.join(", ", parts);
    }

    private void steps() {
        line("What will happen:");
        int number = 0;
        for (Plan.PlannedPhase phase : plan.phases()) {
            for (Plan.PlannedStep step : phase.steps()) {
                number++;
                String prefix = String.format(
                        Locale.ROOT, "%4d  %-9s ", number, phase.phase().id());
                String forecast = pad("~" + duration(step.forecastSeconds()), FORECAST);
                wrap(
                        prefix + forecast,
                        " ".repeat(prefix.length() + FORECAST),
                        title(step) + " (" + step.queue() + ")");
            }
        }
    }

    /** By what the step does, never by what the plan calls it. */
    private String title(Plan.PlannedStep step) {
        Plan.PlannedCheck check = step.check();
        Replicating replicate = plan.replicate();
        if (replicate != null) {
            return step.type().title()
                    + replicate.of(step.id()).map(to -> ", " + to.name()).orElse("");
        }
        return check == null ? step.type().title() : "Check " + check.name();
    }

    private void promises() {
        Plan.Forecast forecast = plan.forecast();
        String basis = forecast.measured() ? "by rates measured here" : "by assumed rates, none was measured here yet";
        entry("Forecast", "about " + duration(forecast.seconds()) + ", " + basis);
        Instant fault = forecast.faultAt();
        if (plan.backup() != null) {
            String since = "";
            long total = forecast.seconds();
            if (fault != null) {
                long gone =
                        Math.max(0, Duration.between(fault, plan.observedAt()).toSeconds());
                total += gone;
                since = " (" + duration(gone) + " since the fault and " + duration(forecast.seconds()) + " to go)";
            }
            entry(
                    "RTO",
                    "promised " + duration(plan.promised().rtoSeconds()) + ", forecast " + duration(total) + since
                            + (total <= plan.promised().rtoSeconds() ? ": kept" : ": NOT KEPT"));
        }
        if (!plan.scenario().needsHost()) {
            entry("Loss", plan.loss().statement());
            return;
        }
        entry("RPO", "promised " + duration(plan.promised().rpoSeconds()));
        entry("Data loss", interval(plan.loss()) + ". " + plan.loss().statement());
        Plan.LossInterval lacks = plan.copyLacks();
        if (lacks != null) {
            entry("Copy lacks", interval(lacks) + ". " + lacks.statement());
        }
    }

    private static String interval(Plan.LossInterval loss) {
        Long most = loss.mostSeconds();
        if (most == null) {
            return duration(loss.leastSeconds()) + " to unknown";
        }
        if (most == loss.leastSeconds()) {
            return most == 0 ? "none" : duration(most);
        }
        return duration(loss.leastSeconds()) + " to " + duration(most);
    }

    private void touched() {
        List<String> touched = new ArrayList<>();
        List<String> untouched = new ArrayList<>();
        if (plan.step(StepType.POSTGRES_BACKUP).isPresent()) {
            touched.add("the repository: a backup is added");
            untouched.add("the live database (read only) and every earlier backup");
        }
        Plan.Copy copy = plan.copy();
        if (copy != null) {
            boolean removed = copy.afterwards() == Runbook.Afterwards.REMOVE;
            touched.add("the copy in " + copy.directory() + ": made" + (removed ? ", removed at the end" : " and kept")
                    + (removed && copy.afterFailure() == Runbook.Afterwards.KEEP ? ", kept if the run fails" : ""));
            untouched.add("the repository: only read");
        }
        DestructiveTransaction destructive =
                plan.target() == null ? null : plan.target().destructive();
        if (plan.step(StepType.POSTGRES_RETURN_ROWS).isPresent() && destructive != null) {
            List<String> names = destructive.relations().stream()
                    .map(DestructiveTransaction.Relation::name)
                    .toList();
            touched.add("the live database: missing rows are inserted into " + String.join(", ", names));
            untouched.add("rows that are there, other tables, the live server's settings");
        } else if (copy != null) {
            untouched.add("the live database");
        }
        StoreWork.touched(plan).ifPresent(each -> {
            touched.add(each);
            untouched.add("the live database");
        });
        touched.forEach(each -> entry("Touched", each));
        untouched.forEach(each -> entry("Not touched", each));
        WalPosition wal = plan.bounds().walEndAtLeast();
        if (copy != null) {
            entry(
                    "Holds while",
                    "the backup is there"
                            + (wal == null
                                    ? ""
                                    : ", WAL leads to " + wal + " on timeline "
                                            + plan.bounds().walTimeline())
                            + ", " + Sizes.format(plan.bounds().freeBytesAtLeast()) + " are free for the copy"
                            + (plan.bounds().liveReachable() ? ", the live database answers" : "")
                            + ", nothing was promoted");
        }
    }

    private static String moment(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String duration(long seconds) {
        return Durations.format(Duration.ofSeconds(seconds));
    }

    private void entry(String label, String value) {
        wrap(pad(label, LABEL), " ".repeat(LABEL), value);
    }

    private static String pad(String word, int width) {
        return word.length() >= width ? word + " " : word + " ".repeat(width - word.length());
    }

    /**
     * Without what moves a terminal's cursor, hides text or turns its direction: what the approver reads must be what
     * stands in the plan.
     */
    public static String visible(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", " ");
    }

    /** Words go to the next line; a word that is longer than a line is cut. */
    private void wrap(String first, String next, String value) {
        StringBuilder current = new StringBuilder(first);
        boolean empty = true;
        for (String word : visible(value).split(" +")) {
            String rest = word;
            while (!rest.isEmpty()) {
                int free = WIDTH - current.length() - (empty ? 0 : 1);
                if (rest.length() <= free) {
                    current.append(empty ? "" : " ").append(rest);
                    rest = "";
                } else if (empty) {
                    current.append(rest, 0, free);
                    rest = rest.substring(free);
                    line(current.toString());
                    current = new StringBuilder(next);
                    continue;
                } else {
                    line(current.toString());
                    current = new StringBuilder(next);
                    empty = true;
                    continue;
                }
                empty = false;
            }
        }
        if (!empty) {
            line(current.toString());
        }
    }

    private void line(String content) {
        text.append(visible(content).stripTrailing()).append('\n');
    }
}
