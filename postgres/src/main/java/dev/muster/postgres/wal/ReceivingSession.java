package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.replication.HistoryFile;
import dev.muster.postgres.replication.ReplicationConnection;
import dev.muster.postgres.replication.ServerError;
import dev.muster.postgres.replication.WalStream;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection's worth of WAL receiving: where to start, the stream, timeline after timeline. For one thread. */
final class ReceivingSession {
    private static final Logger log = LoggerFactory.getLogger(ReceivingSession.class);
    private static final Duration LONGEST_WAIT = Duration.ofMillis(100);
    /** Well below PostgreSQL's wal_sender_timeout of 60 s. */
    private static final Duration CONFIRM_AT_LEAST = Duration.ofSeconds(5);

    /** What PostgreSQL 14 says to a command that it does not know: it takes it for SQL. */
    private static final Set<String> UNKNOWN_COMMAND = Set.of("42601", "0A000");

    private static final String DUPLICATE_OBJECT = "42710";

    private final WalReceiver receiver;
    private final ReplicationConnection connection;
    private final WalReceiver.Settings settings;
    private final Clock clock;
    private final WalArchive archive;
    private final ReplicationConnection.SystemIdentity identity;
    private final Resume resume;
    private byte[] spare = new byte[0];
    private Lsn durable = Lsn.INVALID;
    private Lsn streamStart = Lsn.INVALID;
    private long oldestPending;
    private long lastConfirm = System.nanoTime();
    private long lastHeard = System.nanoTime();
    private boolean streamed;

    /** Where a session begins. */
    enum Resume {
        /** Where the store ends. */
        STORE,
        /** Where the slot is, though the store lacks what lies before. */
        SLOT,
        /**
         * Where a slot made anew is: the server has removed what the old one keeps. It can, since a slot's position goes
         * back to what a receiver confirms, also to before what was kept when the slot was made.
         */
        NEW_SLOT
    }

    ReceivingSession(
            WalReceiver receiver,
            ReplicationConnection connection,
            WalReceiver.Archives archives,
            WalReceiver.Settings settings,
            Clock clock,
            Resume resume) {
        this.resume = resume;
        this.receiver = receiver;
        this.connection = connection;
        this.settings = settings;
        this.clock = clock;
        this.identity = connection.identifySystem();
        this.archive = archives.open(identity.systemId(), connection.walSegmentSize());
    }

    /** @return whether anything was received; returns when the server stops or the receiver is closed */
    boolean run() {
        receiver.serverIsAt(identity.flushed());
        TimelineHistory path = storeHistories();
        StartPosition start = start(path);
        while (true) {
            Optional<StartPosition> next = stream(start);
            if (next.isEmpty()) {
                return streamed;
            }
            start = next.get();
        }
    }

    private StartPosition start(TimelineHistory path) {
        Optional<ReplicationConnection.SlotPosition> slot = readSlot();
        boolean useless = resume == Resume.NEW_SLOT
                || (resume == Resume.SLOT
                        && slot.isPresent()
                        && slot.get().restart().isEmpty());
        if (useless && slot.isPresent()) {
            // It was invalidated, or what it keeps is gone: it will never serve again.
            connection.dropSlot(settings.slot());
            slot = Optional.empty();
        }
        if (slot.isEmpty()) {
            connection.createPhysicalSlot(settings.slot());
            slot = readSlot();
        }
        Optional<Lsn> reserved = slot.flatMap(ReplicationConnection.SlotPosition::restart);
        if (resume != Resume.STORE && reserved.isPresent()) {
            log.warn("Accepting a gap in the WAL: slot {} goes on at {}", settings.slot(), reserved.get());
            return new StartPosition(
                    path.timelineAt(reserved.get()), reserved.get().segmentStart(archive.segmentSize()));
        }
        return StartPosition.decide(path, identity.flushed(), archive.ranges(), reserved, archive.segmentSize());
    }

    private Optional<ReplicationConnection.SlotPosition> readSlot() {
        try {
            return connection.readReplicationSlot(settings.slot());
        } catch (ServerError e) {
            if (!UNKNOWN_COMMAND.contains(e.sqlState())) {
                throw e;
            }
            return slotOfOldServer();
        }
    }

    /** PostgreSQL 14 cannot be asked for a slot's position: it is made if it is missing, and start is the present. */
    private Optional<ReplicationConnection.SlotPosition> slotOfOldServer() {
        try {
            connection.createPhysicalSlot(settings.slot());
        } catch (ServerError e) {
            if (!e.sqlState().equals(DUPLICATE_OBJECT)) {
                throw e;
            }
        }
        return Optional.of(new ReplicationConnection.SlotPosition(
                resume != Resume.STORE ? Optional.of(identity.flushed()) : Optional.empty(), Optional.empty()));
    }

    /** Recovery along a timeline needs its history file, and those of its ancestors are in it. */
    private TimelineHistory storeHistories() {
        if (identity.timeline() == 1) {
            return TimelineHistory.first();
        }
        TimelineHistory path = storeHistory(identity.timeline());
        for (TimelineHistory.Ancestor ancestor : path.ancestors()) {
            if (ancestor.timeline() > 1
                    && archive.historyFile(ancestor.timeline()).isEmpty()) {
                try {
                    storeHistory(ancestor.timeline());
                } catch (ServerError missing) {
                    // The newer history repeats all its lines; a server may have lost the older file.
                    log.debug("No history file for timeline {}", ancestor.timeline(), missing);
                }
            }
        }
        return path;
    }

    private TimelineHistory storeHistory(int timeline) {
        HistoryFile file = connection.timelineHistory(timeline);
        archive.storeHistory(timeline, file.content());
        return TimelineHistory.parse(timeline, file.content());
    }

    /** Receives one timeline from a segment's start; where to go on, or empty if the server or the receiver stops. */
    private Optional<StartPosition> stream(StartPosition start) {
        streamStart = start.lsn();
        WalStream stream = connection.startReplication(settings.slot(), start.lsn(), start.timeline());
        lastHeard = System.nanoTime();
        OpenSegment open = open(SegmentName.of(start.timeline(), start.lsn(), archive.segmentSize()));
        try {
            report(open, identity.flushed(), WalReceiver.State.STREAMING);
            while (true) {
                WalStream.Event event = stream.next(wait(open));
                refuseSilence(event);
                if (event instanceof WalStream.Data data) {
                    streamed = true;
                    open = take(stream, open, data);
                } else if (event instanceof WalStream.Alive alive) {
                    report(open, alive.serverEnd(), WalReceiver.State.STREAMING);
                    if (alive.replyRequested()) {
                        confirm(stream, open);
                    }
                } else if (event instanceof WalStream.EndOfTimeline end) {
                    flush(open);
                    return Optional.of(after(open, end));
                } else if (event instanceof WalStream.ServerStopped) {
                    flush(open);
                    return Optional.empty();
                }
                if (due(open)) {
                    flush(open);
                    confirm(stream, open);
                } else if (System.nanoTime() - lastConfirm > confirmAtLeast()) {
                    confirm(stream, open, true);
                }
                if (receiver.closing()) {
                    flush(open);
                    confirm(stream, open);
                    return Optional.empty();
                }
            }
        } finally {
            spare = open.buffer();
            open.close();
        }
    }

    /** A host that lost its power, or a network that drops packets, never says goodbye: TCP alone waits for hours. */
    private void refuseSilence(WalStream.Event event) {
        if (!(event instanceof WalStream.Nothing)) {
            lastHeard = System.nanoTime();
        } else if (System.nanoTime() - lastHeard > settings.silence().toNanos()) {
            throw new PostgresException(
                    "SERVER_TIMEOUT",
                    "PostgreSQL has said nothing for " + settings.silence().toSeconds() + " s, though it was asked to",
                    "Does its host still run, and does a firewall drop packets? The receiver connects anew.");
        }
    }

    private StartPosition after(OpenSegment open, WalStream.EndOfTimeline end) {
        if (open.received().isBefore(end.switchPoint())) {
            throw new PostgresException(
                    "PROTOCOL_VIOLATION",
                    "The server ended timeline " + open.segment().timeline() + " at " + end.switchPoint()
                            + " but sent only up to " + open.received(),
                    "The receiver asks again from the last position that is stored.");
        }
        storeHistory(end.next());
        return new StartPosition(end.next(), end.switchPoint().segmentStart(archive.segmentSize()));
    }

    private OpenSegment open(SegmentName segment) {
        OpenSegment open = new OpenSegment(archive, segment, spare);
        durable = open.durable();
        return open;
    }

    private OpenSegment take(WalStream stream, OpenSegment into, WalStream.Data data) {
        OpenSegment open = into;
        if (!data.start().equals(open.received())) {
            throw new PostgresException(
                    "PROTOCOL_VIOLATION",
                    "The server sent WAL at " + data.start() + " where " + open.received() + " follows",
                    "The receiver asks again from the last position that is stored.");
        }
        ByteBuffer bytes = data.bytes();
        while (bytes.hasRemaining()) {
            boolean first = open.pending() == 0;
            open.append(bytes);
            if (first && open.pending() > 0) {
                oldestPending = System.nanoTime();
            }
            if (open.complete() || open.full()) {
                flush(open);
                confirm(stream, open);
                if (open.complete()) {
                    spare = open.buffer();
                    open.close();
                    open = open(open.segment().next());
                }
            }
        }
        report(open, data.serverEnd(), WalReceiver.State.STREAMING);
        return open;
    }

    private Duration wait(OpenSegment open) {
        if (open.pending() == 0) {
            return LONGEST_WAIT;
        }
        Duration left = settings.flushAge().minusNanos(System.nanoTime() - oldestPending);
        if (left.isNegative()) {
            return Duration.ZERO;
        }
        return left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT;
    }

    /** Often enough that a live server is heard within the silence that is allowed. */
    private long confirmAtLeast() {
        return Math.min(CONFIRM_AT_LEAST.toNanos(), settings.silence().toNanos() / 4);
    }

    private boolean due(OpenSegment open) {
        if (open.pending() == 0) {
            return false;
        }
        long age = System.nanoTime() - oldestPending;
        return open.pending() >= settings.flushBytes()
                || age >= settings.flushAge().toNanos();
    }

    private void flush(OpenSegment open) {
        open.flush();
        // Nobody listened meanwhile.
        lastHeard = System.nanoTime();
        durable = open.durable();
        report(open, Lsn.INVALID, WalReceiver.State.STREAMING);
    }

    /** Only what is durable: the slot lets go of it. */
    private void confirm(WalStream stream, OpenSegment open) {
        confirm(stream, open, false);
    }

    private void confirm(WalStream stream, OpenSegment open, boolean answer) {
        lastConfirm = System.nanoTime();
        Lsn safe = durable.isAfter(open.received()) ? open.received() : durable;
        stream.confirm(open.received(), keepingTheLastSegment(safe), answer);
    }

    /** At a segment's end the slot keeps that segment too: see {@link StartPosition} for what it is compared with. */
    private Lsn keepingTheLastSegment(Lsn safe) {
        boolean atTheEnd = safe.isAfter(streamStart)
                && safe.segmentStart(archive.segmentSize()).equals(safe);
        return atTheEnd ? safe.plus(-1) : safe;
    }

    private void report(OpenSegment open, Lsn serverEnd, WalReceiver.State state) {
        receiver.update(now -> {
            // Across a timeline switch positions go on; a position once durable stays so.
            Lsn safe = durable.isAfter(now.durable()) ? durable : now.durable();
            receiver.lag().serverHas(serverEnd, clock.instant());
            return new WalReceiver.Status(
                    state,
                    Optional.of(identity.systemId()),
                    open.segment().timeline(),
                    open.received(),
                    safe,
                    serverEnd.isAfter(now.serverEnd()) ? serverEnd : now.serverEnd(),
                    Optional.of(clock.instant()),
                    receiver.lag().since(safe),
                    now.lastError());
        });
    }
}
