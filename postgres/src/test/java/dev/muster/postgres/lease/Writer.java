package dev.muster.postgres.lease;

import dev.muster.postgres.fence.FencedCluster;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;

/** A client that writes without a pause, and knows when its last write was acknowledged. */
final class Writer implements AutoCloseable {
    private final FencedCluster cluster;
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong last = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    Writer(FencedCluster cluster) throws SQLException {
        this.cluster = cluster;
        try (Connection connection = cluster.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table written (n bigint)");
        }
        thread = new Thread(this::write, "writer");
        thread.setDaemon(true);
        thread.start();
    }

    long acknowledged() {
        return count.get();
    }

    /** Of System.nanoTime. */
    long last() {
        return last.get();
    }

    private void write() {
        while (!closed) {
            try (Connection connection = cluster.connect();
                    Statement statement = connection.createStatement()) {
                while (!closed) {
                    statement.execute("insert into written values (" + count.get() + ")");
                    last.set(System.nanoTime());
                    count.incrementAndGet();
                }
            } catch (SQLException down) {
                Thread.onSpinWait();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
