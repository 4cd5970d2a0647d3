package dev.muster.runbooks.lookup;

import dev.muster.runbooks.Problem;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Looks hosts up, all at once, within a bound. What is not known here may be known where it is used: a warning. */
public final class HostLookup {
    /** For all hosts of one description together. */
    public static final Duration LONGEST = Duration.ofSeconds(3);

    /** A description can name thousands; name servers should not be asked by all at once. */
    private static final int AT_ONCE = 16;

    private final Resolver resolver;
    private final Duration longest;

    /** By the machine's own resolver. */
    public HostLookup() {
        this(host -> InetAddress.getAllByName(host).length > 0, LONGEST);
    }

    HostLookup(Resolver resolver, Duration longest) {
        this.resolver = resolver;
        this.longest = longest;
    }

    /** Whether a host is known. */
    interface Resolver {
        boolean known(String host) throws UnknownHostException;
    }

    /** A warning for each host that nobody knows, and one for each of which nobody answered in time. */
    public List<Problem> warnings(List<MentionedHost> hosts) {
        if (hosts.isEmpty()) {
            return List.of();
        }
        ExecutorService lookups = Executors.newFixedThreadPool(AT_ONCE, task -> {
            Thread thread = new Thread(task, "host-lookup");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Map<String, Future<Boolean>> answers = new LinkedHashMap<>();
            for (MentionedHost each : hosts) {
                answers.computeIfAbsent(each.host(), host -> lookups.submit((Callable<Boolean>) () -> known(host)));
            }
            long until = System.nanoTime() + longest.toNanos();
            Map<String, Optional<Boolean>> known = new LinkedHashMap<>();
            answers.forEach((host, answer) -> known.put(host, await(answer, until)));
            List<Problem> warnings = new ArrayList<>();
            for (MentionedHost each : hosts) {
                warning(each, known.getOrDefault(each.host(), Optional.empty())).ifPresent(warnings::add);
            }
            return warnings;
        } finally {
            // Threads that still wait for a name server are let go; they hold nothing.
            lookups.shutdownNow();
        }
    }

    private boolean known(String host) {
        try {
            return resolver.known(host);
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static Optional<Boolean> await(Future<Boolean> answer, long until) {
        try {
            return Optional.of(answer.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Looking a host up failed", e.getCause());
        }
    }

    private Optional<Problem> warning(MentionedHost mentioned, Optional<Boolean> known) {
        if (known.equals(Optional.of(true))) {
            return Optional.empty();
        }
        return Optional.of(
                known.isPresent()
                        ? warning(
                                mentioned,
                                "HOST_UNKNOWN",
                                "Nobody knows a host '" + mentioned.host() + "' here.",
                                "Is it spelt right, and known to the name servers of every site that uses it?")
                        : warning(
                                mentioned,
                                "HOST_LOOKUP_SLOW",
                                "No name server said within " + longest.toSeconds() + " s whether there is a host '"
                                        + mentioned.host() + "'.",
                                "Look at the name servers of this machine: a failover will ask them too."));
    }

    private static Problem warning(MentionedHost mentioned, String code, String message, String hint) {
        return new Problem(code, message, hint, Optional.of(mentioned.position()), mentioned.field());
    }
}
