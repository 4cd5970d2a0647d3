package dev.muster.embedded.orders;

import dev.muster.embedded.database.Login;
import dev.muster.postgres.checks.Canary;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A canary row every 100 ms, each committed by itself: the newest one on a copy is the recovery point, measured. */
final class CanaryTraffic implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(CanaryTraffic.class);
    private static final double PER_SECOND = 10;

    private final Login login;
    private final CountDownLatch end;
    private final CountDownLatch firstRow;

    CanaryTraffic(Login login, CountDownLatch end, CountDownLatch firstRow) {
        this.login = login;
        this.end = end;
        this.firstRow = firstRow;
    }

    @Override
    public void run() {
        Pace pace = new Pace(PER_SECOND, end);
        boolean going = true;
        while (going) {
            try (Connection connection = login.connect("muster canary")) {
                while (going) {
                    Canary.beat(connection);
                    firstRow.countDown();
                    going = pace.await();
                }
            } catch (SQLException e) {
                LOG.info("Lost the database, trying again: {}", e.getMessage());
                going = pace.await();
            }
        }
    }
}
