package dev.muster.workflows.schedules;

import dev.muster.runbooks.Name;
import dev.muster.runbooks.schedule.Cron;
import dev.muster.runbooks.schedule.CronException;
import dev.muster.runbooks.schedule.Timetable;
import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import dev.muster.workflows.connection.SearchAttributeRegistration;
import dev.muster.workflows.run.RunAttributes;
import dev.muster.workflows.schedules.ScheduleChange.Kind;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleBackfill;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleListDescription;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.ScheduleState;
import io.temporal.client.schedules.ScheduleUpdate;
import io.temporal.common.SearchAttributes;
import io.temporal.common.converter.DataConverterException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The board over Temporal's own schedules. */
public final class TemporalScheduleBoard implements ScheduleBoard {
    /** Runs that one command may make up for; more are a mistake in the times. */
    static final int MOST_BACKFILLED = 50;

    private static final int MOST_SCHEDULES = 5_000;
    private static final int LONGEST_NOTE = 500;
    private static final int LAST_RUNS = 10;

    private final ScheduleClient schedules;
    private final LastRuns lastRuns;
    private final WorkflowClient client;
    private final Clock clock;

    public TemporalScheduleBoard(WorkflowClient client, Clock clock) {
        this.schedules = ScheduleClient.newInstance(
                client.getWorkflowServiceStubs(),
                ScheduleClientOptions.newBuilder()
                        .setNamespace(client.getOptions().getNamespace())
                        .setIdentity(client.getOptions().getIdentity())
                        .setDataConverter(client.getOptions().getDataConverter())
                        .build());
        this.lastRuns = new LastRuns(client);
        this.client = client;
        this.clock = clock;
    }

    /** One on the server. */
    private record Found(String name, ScheduleDescription description, ScheduledRunRequest request) {
        Schedule schedule() {
            return description.getSchedule();
        }
    }

    @Override
    public List<ScheduleStatus> list() {
        return list(name -> true);
    }

    @Override
    public List<ScheduleStatus> list(String system) {
        return list(name -> system(name).equals(system));
    }

    private List<ScheduleStatus> list(Predicate<String> wanted) {
        return names().stream()
                .filter(wanted)
                .flatMap(name -> onServer(name).stream())
                .map(found -> status(found, 1))
                .sorted(Comparator.comparing(ScheduleStatus::name))
                .toList();
    }

    @Override
    public ScheduleStatus find(String name) {
        return status(existing(name), LAST_RUNS);
    }

    private static String system(String name) {
        return name.substring(0, name.indexOf('/'));
    }

    private ScheduleStatus status(Found found, int mostRuns) {
        return ScheduleStatuses.status(
                found.name(),
                found.description(),
                found.request(),
                Calls.get(found.name(), () -> lastRuns.of(found.description(), mostRuns)));
    }

    @Override
    public List<ScheduleChange> plan(List<LoadedSchedule> wanted, boolean deleteUnmanaged) {
        return plan(wanted, deleteUnmanaged, attributesAreRegistered());
    }

    private Optional<Boolean> attributesAreRegistered() {
        return Calls.get("", () -> SearchAttributeRegistration.areRegistered(client, RunAttributes.ALL));
    }

    private List<ScheduleChange> plan(
            List<LoadedSchedule> wanted, boolean deleteUnmanaged, Optional<Boolean> registered) {
        Kind unmanaged = deleteUnmanaged ? Kind.DELETE : Kind.UNMANAGED;
        List<ScheduleChange> changes = new ArrayList<>();
        Set<String> named = new HashSet<>();
        for (LoadedSchedule each : wanted) {
            named.add(each.schedule().fullName());
            changes.add(change(each, registered));
        }
        Set<String> systems =
                wanted.stream().map(each -> each.schedule().system()).collect(Collectors.toSet());
        names().stream()
                .filter(name -> !named.contains(name) && systems.contains(system(name)))
                .filter(name -> onServer(name).isPresent())
                .forEach(name -> changes.add(new ScheduleChange(name, unmanaged, List.of(), null)));
        return changes.stream()
                .sorted(Comparator.comparing(ScheduleChange::name))
                .toList();
    }

    private ScheduleChange change(LoadedSchedule wanted, Optional<Boolean> registered) {
        String name = wanted.schedule().fullName();
        Optional<Found> found = onServer(name);
        if (found.isEmpty()) {
            refuseForeign(name);
            return new ScheduleChange(name, Kind.CREATE, List.of(), null);
        }
        List<ScheduleChange.Difference> differences = ScheduleFields.differences(
                found.get().schedule(),
                found.get().request(),
                like(wanted, found.get().schedule(), registered),
                ScheduleTranslation.request(wanted));
        return new ScheduleChange(name, differences.isEmpty() ? Kind.UNCHANGED : Kind.UPDATE, differences, null);
    }

    private static Schedule like(LoadedSchedule wanted, Schedule current, Optional<Boolean> registered) {
        ScheduleState state =
                current.getState() == null ? ScheduleState.newBuilder().build() : current.getState();
        // A limit that somebody set is a difference, not a state to keep.
        ScheduleState unlimited = ScheduleState.newBuilder(state)
                .setLimitedAction(false)
                .setRemainingActions(0)
                .build();
        SearchAttributes attributes = registered
                .map(known -> attributes(wanted, known))
                // Who may not ask leaves them as somebody who may has made them.
                .orElseGet(() -> attributes(wanted, ScheduleFields.hasAttributes(current)));
        return ScheduleTranslation.schedule(wanted, ScheduleTranslation.state(wanted, unlimited), attributes);
    }

    /** One that the server does not know would keep every run from being started. */
    private static SearchAttributes attributes(LoadedSchedule wanted, boolean known) {
        ScheduledRunRequest request = ScheduleTranslation.request(wanted);
        return known ? RunAttributes.ofSchedule(request.scenario(), request.systemName()) : SearchAttributes.EMPTY;
    }

    @Override
    public List<ScheduleChange> apply(List<LoadedSchedule> wanted, boolean deleteUnmanaged) {
        List<ScheduleChange> applied = new ArrayList<>();
        Optional<Boolean> registered = attributesAreRegistered();
        for (ScheduleChange todo : plan(wanted, deleteUnmanaged, registered)) {
            try {
                carryOut(todo, wanted, registered);
                applied.add(todo);
            } catch (SchedulesException e) {
                applied.add(todo.failed(e.code() + ": " + e.getMessage() + " Hint: " + e.hint()));
            }
        }
        return applied;
    }

    private void carryOut(ScheduleChange change, List<LoadedSchedule> wanted, Optional<Boolean> registered) {
        switch (change.kind()) {
            case CREATE -> create(of(change, wanted), registered.orElse(false));
            case UPDATE -> {
                LoadedSchedule loaded = of(change, wanted);
                Calls.run(
                        change.name(),
                        () -> handle(change.name())
                                .update(input -> new ScheduleUpdate(
                                        like(loaded, input.getDescription().getSchedule(), registered))));
            }
            case DELETE -> delete(change.name());
            case UNCHANGED, UNMANAGED -> {}
        }
    }

    private static LoadedSchedule of(ScheduleChange change, List<LoadedSchedule> wanted) {
        return wanted.stream()
                .filter(each -> each.schedule().fullName().equals(change.name()))
                .findFirst()
                .orElseThrow();
    }

    private void create(LoadedSchedule loaded, boolean registered) {
        String name = loaded.schedule().fullName();
        ScheduleState state =
                ScheduleTranslation.state(loaded, ScheduleState.newBuilder().build());
        Calls.run(
                name,
                () -> schedules.createSchedule(
                        ScheduleTranslation.id(name),
                        ScheduleTranslation.schedule(loaded, state, attributes(loaded, registered)),
                        ScheduleOptions.newBuilder().build()));
    }

    @Override
    public void pause(String name, String note) {
        existing(name);
        Calls.run(name, () -> handle(name).pause(checked(note)));
    }

    @Override
    public void resume(String name, String note) {
        existing(name);
        Calls.run(name, () -> handle(name).unpause(checked(note)));
    }

    private static String checked(String note) {
        if (note.isBlank() || note.length() > LONGEST_NOTE) {
            throw new SchedulesException(
                    "SCHEDULE_NOTE_MISSING",
                    "A note has 1 to " + LONGEST_NOTE + " characters.",
                    "Say why, and until when: the next person reads it.");
        }
        return note;
    }

    @Override
    public void trigger(String name) {
        Found found = existing(name);
        boolean skips = ScheduleFields.overlap(found.schedule().getPolicy()).equals("skip");
        if (skips && !found.description().getInfo().getRunningActions().isEmpty()) {
            throw new SchedulesException(
                    "SCHEDULED_RUN_UNDER_WAY",
                    "A run of the schedule " + name + " is under way, and it skips what would overlap.",
                    "Wait for it: 'muster schedules list' shows it.");
        }
        Calls.run(name, () -> handle(name).trigger());
    }

    @Override
    public List<Instant> backfill(String name, Instant from, Instant to) {
        Found found = existing(name);
        if (!from.isBefore(to) || to.isAfter(clock.instant())) {
            throw new SchedulesException(
                    "BACKFILL_TIMES_WRONG",
                    "Backfilled are times that have passed, from " + from + " to before " + to + " there are none.",
                    "Give --from earlier than --to, and --to no later than now.");
        }
        List<Instant> times = timetable(found).between(from, to, MOST_BACKFILLED + 1);
        if (times.isEmpty() || times.size() > MOST_BACKFILLED) {
            throw new SchedulesException(
                    times.isEmpty() ? "BACKFILL_EMPTY" : "BACKFILL_TOO_MANY",
                    times.isEmpty()
                            ? "The schedule " + name + " has no time between " + from + " and " + to + "."
                            : "That are more than " + MOST_BACKFILLED + " runs, one after the other.",
                    times.isEmpty()
                            ? "'muster schedules simulate' shows its times."
                            : "Give a shorter range; for one good backup now use 'muster schedules trigger'.");
        }
        // A millisecond earlier: servers differ in whether the beginning counts.
        Calls.run(
                name,
                () -> handle(name)
                        .backfill(List.of(new ScheduleBackfill(
                                from.minusMillis(1),
                                to.minusMillis(1),
                                ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL))));
        return times;
    }

    private static Timetable timetable(Found found) {
        List<Cron> crons = new ArrayList<>();
        try {
            for (String cron : ScheduleStatuses.crons(found.schedule())) {
                crons.add(Cron.parse(cron));
            }
            return new Timetable(crons, ZoneId.of(found.schedule().getSpec().getTimeZoneName()));
        } catch (CronException | DateTimeException e) {
            throw new SchedulesException(
                    "SCHEDULE_ALTERED",
                    "The times of the schedule " + found.name() + " were changed by another tool; they cannot be told.",
                    "Apply its file again first: 'muster schedules apply'.",
                    e);
        }
    }

    @Override
    public void delete(String name) {
        existing(name);
        Calls.run(name, () -> handle(name).delete());
    }

    private ScheduleHandle handle(String name) {
        return schedules.getHandle(ScheduleTranslation.id(name));
    }

    /** Full names of what lies under our prefix, ours or not. */
    private List<String> names() {
        return Calls.get(
                "",
                () -> schedules
                        .listSchedules()
                        .map(ScheduleListDescription::getScheduleId)
                        .filter(id -> id.startsWith(ScheduleTranslation.PREFIX))
                        .map(id -> id.substring(ScheduleTranslation.PREFIX.length()))
                        .filter(TemporalScheduleBoard::possible)
                        .limit(MOST_SCHEDULES)
                        .toList());
    }

    private static boolean possible(String name) {
        String[] parts = name.split("/", -1);
        return parts.length == 2 && Name.possible(parts[0]) && Name.possible(parts[1]);
    }

    private Found existing(String name) {
        if (!possible(name)) {
            throw SchedulesException.notFound(name);
        }
        return onServer(name).orElseThrow(() -> {
            refuseForeign(name);
            return SchedulesException.notFound(name);
        });
    }

    /** Empty if there is none, or it is not ours. */
    private Optional<Found> onServer(String name) {
        return describe(name)
                .flatMap(description -> request(description).map(request -> new Found(name, description, request)));
    }

    private Optional<ScheduleDescription> describe(String name) {
        try {
            return Optional.of(Calls.get(name, () -> handle(name).describe()));
        } catch (SchedulesException e) {
            if (e.code().equals("SCHEDULE_NOT_FOUND")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Optional<ScheduledRunRequest> request(ScheduleDescription description) {
        if (!(description.getSchedule().getAction() instanceof ScheduleActionStartWorkflow action)
                || !action.getWorkflowType().equals(ScheduledRunRequest.WORKFLOW)) {
            return Optional.empty();
        }
        try {
            return Optional.of(action.getArguments().get(0, ScheduledRunRequest.class));
        } catch (DataConverterException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private void refuseForeign(String name) {
        if (describe(name).isPresent()) {
            throw new SchedulesException(
                    "SCHEDULE_FOREIGN",
                    "The schedule " + ScheduleTranslation.id(name) + " was not made by this version of Muster;"
                            + " it is not touched.",
                    "Delete it in Temporal, or give yours another name.");
        }
    }
}
