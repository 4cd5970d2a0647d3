package dev.muster.postgres.rejoin;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgres.restore.InPlaceRecovery;
import dev.muster.postgres.restore.PhysicalRestore;
import dev.muster.postgres.restore.RestoreOptions;
import dev.muster.postgres.restore.WalSpool;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes an old primary a standby of the new one: ancestry, salvage, approval, then the cheapest way back, then streaming.
 * Killed anywhere and called again it goes on. Nothing of the data directory is changed before what only it has was read
 * back from the repository and its loss was approved (SAFETY Failover 9).
 */
public final class Rejoin {
    /** How long replay waits for WAL when this process shows no life. */
    private static final Duration SILENCE = Duration.ofMinutes(1);

    private final Installation installation;
    private final RejoinRequest request;
    private final NewPrimary primary;
    private final Repository repository;
    private final NewPrimary.Identity identity;
    private final WalArchive archive;
    private final MemberConfiguration configuration;

    /** @throws PostgresException NEW_PRIMARY_IN_RECOVERY, and what connecting throws */
    public Rejoin(Installation installation, RejoinRequest request, NewPrimary primary, Repository repository) {
        this.installation = installation;
        this.request = request;
        this.primary = primary;
        this.repository = repository;
        this.identity = primary.identity();
        this.archive = new WalArchive(repository, request.source(), identity.systemId(), identity.segmentSize());
        this.configuration = new MemberConfiguration(request.directory(), request.work());
    }

    /** What an approver is to see. Of a rejoin that has changed the directory already: as it was before. */
    public Ancestry examine() {
        return underWay()
                .map(RejoinState::ancestry)
                .orElseGet(() -> AncestryCheck.of(installation, request.directory(), primary, Optional.of(archive)));
    }

    /** Which way would be taken, and why. Reads much, changes nothing. */
    public RejoinPlan plan(Progress progress) {
        Ancestry ancestry = examine().requireJoinable();
        boolean rewindBegun = underWay().map(RejoinState::rewindBegun).orElse(false);
        return planner().plan(ancestry, rewindBegun, true, progress);
    }

    /**
     * Rejoins.
     *
     * @param approval of what {@link #examine} showed; needed unless the old primary is only behind
     * @param reached is told of each phase once it is on disk
     * @throws PostgresException TARGET_IN_USE, REJOIN_UNRELATED, REJOIN_OTHER_TIMELINE, OLD_WAL_MISSING,
     *     OLD_PRIMARY_CHANGED, SALVAGE_DAMAGED, REJOIN_NOT_APPROVED, REJOIN_APPROVAL_STALE, REJOIN_SLOT_TAKEN,
     *     REJOIN_IMPOSSIBLE, REJOIN_NOT_STREAMING, REJOIN_CHECK_FAILED, CANCELLED, and what a restore throws
     */
    public RejoinResult run(Optional<RejoinApproval> approval, Consumer<RejoinPhase> reached, Progress progress) {
        RejoinState state = underWay().orElseGet(() -> prepare(approval, reached, progress));
        if (state.phase() == RejoinPhase.CHANGING) {
            RejoinApproval.require(approval, state.ancestry());
            state = told(change(state, progress).at(RejoinPhase.CHANGED), reached);
        }
        if (state.phase() == RejoinPhase.PREPARED) {
            state = told(choose(state, approval, reached, progress), reached);
        }
        StandbyStart start = new StandbyStart(installation, request, primary, identity);
        if (state.phase() == RejoinPhase.CHANGED) {
            configure(state, Optional.of(WalSpool.restoreCommand(start.spool(), SILENCE)));
            state = told(state.at(RejoinPhase.CONFIGURED), reached);
        }
        RejoinState configured = state;
        try (WalSpool spool = WalSpool.start(start.spool(), archive.along(identity.timeline()), installation::own)) {
            start.awaitStreaming(spool, progress);
            // From here on the slot keeps what it needs; nobody would answer the command any more.
            configure(configured, Optional.empty());
            start.reload();
        }
        long lag = start.check(progress);
        told(configured.at(RejoinPhase.STREAMING), reached);
        return new RejoinResult(
                RejoinMethod.valueOf(configured.method()),
                Optional.of(configured.salvage()).filter(id -> !id.isEmpty()),
                Optional.of(configured.backup()).filter(id -> !id.isEmpty()),
                identity.timeline(),
                lag);
    }

    /**
     * A rejoin that has changed the directory, so that only its state knows what was there. One that is marked so and has
     * not begun to restore is looked at anew: an old primary may have been started meanwhile (SAFETY Failover 15).
     */
    private Optional<RejoinState> underWay() {
        return RejoinState.read(request.work())
                .filter(state -> state.ancestry().directory().equals(request.directory()))
                .filter(state -> switch (state.phase()) {
                    case EXAMINED, SALVAGED, PREPARED -> false;
                    case CHANGING -> state.isBy(RejoinMethod.REWIND) ? state.rewindBegun() : !oldControlIsThere(state);
                    case CHANGED -> !state.isBy(RejoinMethod.FOLLOW);
                    case CONFIGURED -> true;
                    case STREAMING -> state.token().equals(request.token()) && runs();
                });
    }

    /** Whether the old primary could still be started. */
    private boolean oldControlIsThere(RejoinState state) {
        if (!Files.exists(request.directory().resolve(ControlFile.PATH))) {
            return false;
        }
        try {
            ControlFile control = ControlFile.read(request.directory());
            boolean poisoned = control.checkpoint().equals(control.poisoned().checkpoint());
            return !poisoned && control.systemId().equals(state.ancestry().systemId());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read pg_control of " + request.directory(), e);
        }
    }

    private boolean runs() {
        return new Server(installation, request.directory(), request.work())
                .processId()
                .isPresent();
    }

    private RejoinState prepare(Optional<RejoinApproval> approval, Consumer<RejoinPhase> reached, Progress progress) {
        Ancestry ancestry = AncestryCheck.of(installation, request.directory(), primary, Optional.of(archive))
                .requireJoinable();
        RejoinState state = told(RejoinState.examined(request.token(), ancestry), reached);
        Salvage salvage = new Salvage(
                installation, repository, request.source(), request.writer(), Optional.of(archive), request.names());
        state = told(state.salvagedAs(salvage.run(ancestry, request.token(), progress)), reached);
        if (ancestry.relation() != Ancestry.Relation.BEHIND) {
            RejoinApproval.require(approval, ancestry);
        }
        primary.ensureSlot(request.slot());
        if (archive.history(identity.timeline()).isEmpty()) {
            identity.historyFile().ifPresent(file -> archive.storeHistory(identity.timeline(), file.content()));
        }
        configuration.keep();
        return told(state.at(RejoinPhase.PREPARED), reached);
    }

    private RejoinState choose(
            RejoinState prepared, Optional<RejoinApproval> approval, Consumer<RejoinPhase> reached, Progress progress) {
        RejoinPlan.Option option = chosen(prepared.ancestry(), false, progress);
        RejoinState changing = prepared.changingBy(option);
        if (option.method() != RejoinMethod.FOLLOW) {
            RejoinApproval.require(approval, prepared.ancestry());
        }
        Salvage.requireUnchanged(installation, prepared.ancestry());
        if (option.method() == RejoinMethod.FOLLOW) {
            return changing.at(RejoinPhase.CHANGED);
        }
        return change(told(changing, reached), progress).at(RejoinPhase.CHANGED);
    }

    private RejoinPlan.Option chosen(Ancestry ancestry, boolean rewindFailed, Progress progress) {
        RejoinPlan plan = planner().plan(ancestry, rewindFailed, false, progress);
        return plan.chosen().orElseThrow(() -> {
            StringBuilder reasons = new StringBuilder();
            plan.options()
                    .forEach(option -> reasons.append(' ')
                            .append(option.method())
                            .append(": ")
                            .append(option.reason())
                            .append('.'));
            return new PostgresException(
                    "REJOIN_IMPOSSIBLE",
                    "There is no way to make " + request.directory() + " a standby of the new primary." + reasons,
                    "Take a backup of the new primary; it can be restored over the old one.");
        });
    }

    private RejoinPlanner planner() {
        return new RejoinPlanner(installation, request, primary, identity, repository, archive);
    }

    /** Does what was chosen, or goes on with it. A rewind is never begun twice: what it leaves cannot be told. */
    private RejoinState change(RejoinState changing, Progress progress) {
        OldPrimary.requireStopped(installation, request.directory());
        RejoinState state = changing;
        if (state.isBy(RejoinMethod.REWIND)) {
            if (!state.rewindBegun() && rewound(state)) {
                return state;
            }
            Rewind.makeUnstartable(request.directory());
            RejoinPlan.Option delta = chosen(state.ancestry(), true, progress);
            state = state.changingBy(delta).withRewindBegun().write(request.work());
        }
        RestoreOptions options =
                RestoreOptions.defaults().withTablespaces(request.tablespaces()).overwriting(identity.systemId());
        new PhysicalRestore(
                        repository,
                        request.source(),
                        state.backup(),
                        request.directory(),
                        restoreToken(state.ancestry()),
                        options)
                .run(progress);
        return state;
    }

    /** A restore that an earlier rejoin completed is not this one's, also under the same token. */
    private String restoreToken(Ancestry ancestry) {
        return request.token() + "-" + ancestry.controlHash().substring(0, 16);
    }

    private boolean rewound(RejoinState state) {
        // Before it begins: after a kill in the middle nobody could tell how far it came.
        state.withRewindBegun().write(request.work());
        try {
            new Rewind(installation, request.directory(), request.standby().connection()).run();
            return true;
        } catch (PostgresException e) {
            if (e.code().equals("INTERRUPTED")) {
                throw e;
            }
            return false;
        }
    }

    private void configure(RejoinState state, Optional<String> restoreCommand) {
        if (restoreCommand.isPresent()) {
            configuration.putBack();
        }
        if (state.isBy(RejoinMethod.DELTA_RESTORE)) {
            InPlaceRecovery.configure(request.directory(), request.standby(), restoreCommand);
        } else {
            InPlaceRecovery.follow(request.directory(), request.standby(), restoreCommand);
        }
        installation.own(request.directory());
    }

    private RejoinState told(RejoinState state, Consumer<RejoinPhase> reached) {
        state.write(request.work());
        reached.accept(state.phase());
        return state;
    }
}
