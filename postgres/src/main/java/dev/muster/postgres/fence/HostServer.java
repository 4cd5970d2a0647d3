package dev.muster.postgres.fence;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** PostgreSQL on this host as a fence sees it: its processes, its port and its starters. */
public final class HostServer {
    private static final int CONNECT_MILLIS = 1000;
    private static final long BETWEEN_LOOKS = 20_000_000;

    private final FenceFolder folder;
    private final Path data;
    private final InetSocketAddress address;
    private final Processes processes;

    /** @param address where it accepts connections on this host */
    public HostServer(FenceFolder folder, Path dataDirectory, InetSocketAddress address) {
        this.folder = folder;
        this.data = dataDirectory.toAbsolutePath().normalize();
        this.address = address;
        this.processes = new Processes(data);
    }

    public Path dataDirectory() {
        return data;
    }

    /** Whether any process of PostgreSQL works in the data directory. */
    public boolean runs() {
        return !processes.look().ids().isEmpty();
    }

    /** Whether it takes no writes until it is promoted: PostgreSQL removes these files then. */
    public boolean inRecovery() {
        return Files.exists(data.resolve("standby.signal")) || Files.exists(data.resolve("recovery.signal"));
    }

    /** Whether the running server is a child of the starter, which watches the lease when this process cannot. */
    public boolean guarded() {
        List<Long> starters = livingStarters();
        return processes.look().ids().stream().anyMatch(id -> starters.contains(Processes.parent(id)));
    }

    /** Looks once; changes nothing. */
    public DownProof proof() {
        List<String> findings = new ArrayList<>();
        Processes.Seen seen = processes.look();
        if (!seen.ids().isEmpty()) {
            findings.add("processes " + seen.ids() + " work in " + data);
        }
        if (!seen.hidden().isEmpty()) {
            findings.add("whose the PostgreSQL processes " + seen.hidden() + " are, this user may not see");
        }
        boolean elsewhere = folder.startedElsewhere();
        if (elsewhere) {
            findings.add("it was started in another process namespace, which this process cannot look into");
        }
        boolean closed = portClosed(findings);
        List<Long> starters = livingStarters();
        if (!starters.isEmpty()) {
            findings.add("starters " + starters + " run");
        }
        boolean noProcess = seen.ids().isEmpty() && seen.hidden().isEmpty() && !elsewhere;
        return new DownProof(noProcess, closed, starters.isEmpty(), findings);
    }

    private boolean portClosed(List<String> findings) {
        try (Socket socket = new Socket()) {
            socket.connect(address, CONNECT_MILLIS);
            findings.add(address + " accepts connections");
            return false;
        } catch (ConnectException refused) {
            // A connection that ran out of time is of another class.
            return true;
        } catch (IOException e) {
            findings.add(address + " does not refuse connections: " + e.getMessage());
            return false;
        }
    }

    /** Markers of dead ones are removed. */
    private List<Long> livingStarters() {
        List<Long> living = new ArrayList<>();
        for (Processes.Starter starter : folder.starters()) {
            if (!Processes.lives(starter.id(), starter)) {
                folder.forgetStarter(starter.id());
            } else {
                living.add(starter.id());
            }
        }
        // Where no lease is required, the starter becomes PostgreSQL.
        living.removeAll(processes.look().ids());
        return living;
    }

    /** Stops it, each way of stopping for as long as it may take; what is left then is for {@link #proof} to say. */
    StopStep stop(StopBounds bounds) {
        if (gone()) {
            return StopStep.NOT_RUNNING;
        }
        if (!bounds.fast().isZero() && stopped("INT", bounds.fast())) {
            return StopStep.FAST;
        }
        if (!bounds.immediate().isZero() && stopped("QUIT", bounds.immediate())) {
            return StopStep.IMMEDIATE;
        }
        kill(bounds.kill());
        return StopStep.KILLED;
    }

    /**
     * Stops it as a crash does, and kills it when the clock passes a point.
     *
     * @param clock in milliseconds
     * @param killAt on that clock
     * @param bound of the killing
     */
    public StopStep stopNow(LongSupplier clock, long killAt, Duration bound) {
        if (gone()) {
            return StopStep.NOT_RUNNING;
        }
        Processes.signal("QUIT", postmasters());
        while (clock.getAsLong() < killAt) {
            if (gone()) {
                return StopStep.IMMEDIATE;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS);
        }
        kill(bound);
        return StopStep.KILLED;
    }

    private boolean stopped(String signal, Duration bound) {
        List<Long> told = new ArrayList<>();
        return await(bound, () -> {
            // A starter may bring it up just now; it is told too.
            List<Long> postmasters = postmasters();
            postmasters.removeAll(told);
            Processes.signal(signal, postmasters);
            told.addAll(postmasters);
            return gone();
        });
    }

    /** Postmasters are held first, or they would make new backends while the old ones are killed. */
    private void kill(Duration bound) {
        await(bound, () -> {
            List<Long> starters = livingStarters();
            Processes.signal("STOP", starters);
            Processes.signal("STOP", postmasters());
            Processes.signal("KILL", processes.look().ids());
            // One that forked a moment ago is not PostgreSQL yet.
            Processes.signal("KILL", Processes.children(starters));
            Processes.signal("KILL", starters);
            return gone();
        });
    }

    private boolean gone() {
        return processes.look().ids().isEmpty() && livingStarters().isEmpty();
    }

    private List<Long> postmasters() {
        List<Long> all = processes.look().ids();
        List<Long> postmasters = new ArrayList<>();
        for (long id : all) {
            if (!all.contains(Processes.parent(id))) {
                postmasters.add(id);
            }
        }
        return postmasters;
    }

    private static boolean await(Duration bound, BooleanSupplier done) {
        long end = System.nanoTime() + bound.toNanos();
        do {
            if (done.getAsBoolean()) {
                return true;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS);
        } while (System.nanoTime() - end < 0);
        return false;
    }
}
