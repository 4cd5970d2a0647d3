package dev.muster.postgres.promotion;

import dev.muster.postgres.standby.ReplicatedCluster;
import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A writer that writes wherever it may, and an observer that looks for two primaries. */
final class Clients implements AutoCloseable {
    private final ReplicatedCluster cluster;
    private final List<String> members;
    private final Queue<Long> acknowledged = new ConcurrentLinkedQueue<>();
    private final AtomicInteger samples = new AtomicInteger();
    private final AtomicInteger twice = new AtomicInteger();
    private final Thread writer = new Thread(this::write, "writer");
    private final Thread sampler = new Thread(this::sample, "sampler");
    private volatile boolean ended;

    Clients(ReplicatedCluster cluster, String... members) {
        this.cluster = cluster;
        this.members = List.of(members);
        writer.start();
        sampler.start();
    }

    private void write() {
        for (long n = 0; !ended; n++) {
            for (String member : members) {
                try {
                    cluster.execute(member, "insert into written values (" + n + ")");
                    acknowledged.add(n);
                    break;
                } catch (SQLException refused) {
                    // In recovery, stopping or down: nothing was acknowledged, and it may be there all the same.
                    n++;
                }
            }
        }
    }

    private boolean writes(String member) {
        return cluster.member(member).inRecovery().map(in -> !in).orElse(false);
    }

    /** If the first still takes writes after the second did, both did when the second was asked. */
    private void sample() {
        while (!ended) {
            for (String first : members) {
                for (String second : members) {
                    if (!first.equals(second) && writes(first) && writes(second) && writes(first)) {
                        twice.incrementAndGet();
                    }
                }
            }
            samples.incrementAndGet();
        }
    }

    void awaitWrites(int more) {
        int goal = acknowledged.size() + more;
        org.awaitility.Awaitility.await().atMost(ReplicatedCluster.LIMIT).until(() -> acknowledged.size() >= goal);
    }

    int momentsWithTwo() {
        return twice.get();
    }

    int samples() {
        return samples.get();
    }

    int count() {
        return acknowledged.size();
    }

    String acknowledged() {
        return acknowledged.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    @Override
    public void close() throws InterruptedException {
        ended = true;
        writer.join();
        sampler.join();
    }
}
