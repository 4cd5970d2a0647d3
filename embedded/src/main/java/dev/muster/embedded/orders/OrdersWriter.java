package dev.muster.embedded.orders;

import dev.muster.embedded.database.DemoPrimary;
import dev.muster.embedded.database.Login;
import dev.muster.embedded.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The application of the demo, a process of its own: writes orders, payments and canaries at a steady rate until it is
 * asked to end (TERM), and keeps its ledger. It may be killed and started again on the same ledger.
 */
@Command(name = "orders-writer")
public final class OrdersWriter implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(OrdersWriter.class);
    private static final long END_SECONDS = 5;
    private static final long LOOK_MILLIS = 100;

    @Option(names = "--port", required = true)
    private int port;

    @Option(names = "--database", required = true)
    private String database = "";

    @Option(names = "--user", required = true)
    private String user = "";

    @Option(names = "--password-file", required = true)
    private Path passwordFile = Path.of("");

    @Option(names = "--canary-user", required = true)
    private String canaryUser = "";

    @Option(names = "--canary-password-file", required = true)
    private Path canaryPasswordFile = Path.of("");

    @Option(names = "--ledger", required = true, description = "An existing ledger, gone on with.")
    private Path ledger = Path.of("");

    @Option(names = "--rate", defaultValue = "50", description = "Transactions a second.")
    private double rate;

    @Option(names = "--seed", defaultValue = "1")
    private long seed;

    @Option(names = "--ready-file", description = "Created when the first payment and the first canary are committed.")
    private @Nullable Path readyFile;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new OrdersWriter()).execute(arguments));
    }

    /** Creates a ledger that begins with the loaded data. The file must not exist. */
    public static void createLedger(Path ledger, LedgerLine.Base base) {
        LedgerFile.create(ledger, base);
    }

    /** The writer as a child process, to be started; ready when the file is there. */
    public static ChildJvm.Plan process(DemoPrimary primary, Path ledger, double rate, Path readyFile) {
        Login application = primary.application();
        Login canary = primary.muster();
        return ChildJvm.of("orders writer", OrdersWriter.class.getName())
                .options("-Xmx64m")
                .arguments("--port", Integer.toString(application.port()), "--database", application.database())
                .arguments("--user", application.user())
                .arguments("--password-file", application.passwordFile().toString())
                .arguments("--canary-user", canary.user())
                .arguments("--canary-password-file", canary.passwordFile().toString())
                .arguments("--ledger", ledger.toString(), "--rate", Double.toString(rate))
                .arguments("--ready-file", readyFile.toString());
    }

    @Override
    public Integer call() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        // TERM: the transaction under way gets its outcome into the ledger.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            end.countDown();
            awaitQuietly(ended);
        }));
        try (LedgerFile file = LedgerFile.open(ledger)) {
            write(file, end);
        } finally {
            ended.countDown();
        }
        return 0;
    }

    private void write(LedgerFile file, CountDownLatch end) throws InterruptedException, IOException {
        CountDownLatch ready = new CountDownLatch(2);
        Login application = new Login(port, database, user, passwordFile);
        Login canary = new Login(port, database, canaryUser, canaryPasswordFile);
        Thread payments = new Thread(
                new PaymentTraffic(application, ledger, file, rate, seed, Clock.systemUTC(), end, ready), "payments");
        Thread canaries = new Thread(new CanaryTraffic(canary, end, ready), "canaries");
        payments.start();
        canaries.start();
        // A stream that has failed for good (no space for the ledger, say) never becomes ready.
        while (payments.isAlive() && canaries.isAlive() && !ready.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            LOG.debug("Not ready yet");
        }
        if (readyFile != null && ready.getCount() == 0) {
            Files.createFile(readyFile);
            LOG.info("Writing {} transactions a second", rate);
        }
        payments.join();
        end.countDown();
        canaries.join();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            if (!latch.await(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("Still busy after {} s; ending all the same", END_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
