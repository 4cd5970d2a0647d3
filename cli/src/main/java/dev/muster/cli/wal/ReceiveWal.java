package dev.muster.cli.wal;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.repo.PostgresAddress;
import dev.muster.postgres.replication.ReplicationConnection;
import dev.muster.postgres.wal.WalReceiver;
import dev.muster.repository.Repository;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster wal receive}. */
@Command(
        name = "receive",
        description = {
            "Receives a server's WAL over the replication protocol until it is told to end.",
            "What is not safe in the store yet the server keeps, in a replication slot: when this stops for good,"
                    + " drop the slot, or the server's disk fills."
        },
        mixinStandardHelpOptions = true)
final class ReceiveWal implements Callable<Integer> {
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int FLUSH_BYTES = 8 << 20;
    private static final int LONGEST_FLUSH = 60_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Parameters(index = "0", paramLabel = "WHERE", description = "postgres:CONNINFO of a role with REPLICATION.")
    private String where = "";

    @Option(names = "--source", required = true, paramLabel = "NAME", description = "Its name in the repository.")
    private String source = "";

    @Option(
            names = "--slot",
            defaultValue = "muster",
            paramLabel = "NAME",
            description = "The physical replication slot, made when it is missing (default: ${DEFAULT-VALUE}).")
    private String slot = "muster";

    @Option(
            names = "--flush-after",
            defaultValue = "500",
            paramLabel = "MILLISECONDS",
            description = "How long received WAL may wait before it is stored (default: ${DEFAULT-VALUE}). Less makes"
                    + " more objects.")
    private int flushAfter = 500;

    @Option(
            names = "--accept-gap",
            description =
                    "Go on with the server's oldest WAL where it has dropped some that the store lacks. Take a new"
                            + " backup then.")
    private boolean acceptGap;

    @Override
    public Integer call() throws InterruptedException {
        if (flushAfter < 1 || flushAfter > LONGEST_FLUSH) {
            throw new CliException(
                    "OPTIONS_REFUSED",
                    "--flush-after is 1 to " + LONGEST_FLUSH + ", not " + flushAfter + ".",
                    "It is in milliseconds.",
                    ExitCode.BAD_INPUT);
        }
        ReplicationConnection.requireSlotName(slot);
        Output output = options.output(spec);
        PostgresAddress address = PostgresAddress.ofSource(where);
        WalReceiver.Settings usual = WalReceiver.Settings.defaults(slot);
        WalReceiver.Settings settings = new WalReceiver.Settings(
                slot, Duration.ofMillis(flushAfter), FLUSH_BYTES, usual.retryFirst(), usual.retryLongest(), acceptGap);
        try (Repository repository = options.open();
                WalReceiver receiver =
                        new WalReceiver(address.forReplication(), repository, source, settings, Clock.systemUTC())) {
            CountDownLatch ended = new CountDownLatch(1);
            CountDownLatch closed = new CountDownLatch(1);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                ended.countDown();
                                await(closed);
                            },
                            "end"));
            receiver.start();
            follow(receiver, output, ended);
            receiver.close();
            output.aside(
                    receiver.status().timeline() == 0
                            ? "Ended; nothing was received."
                            : "Ended; durable up to " + receiver.status().durable() + ".");
            closed.countDown();
        }
        return ExitCode.SUCCESS;
    }

    private static void await(CountDownLatch closed) {
        try {
            // What was received is stored before the process ends.
            if (!closed.await(15, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void follow(WalReceiver receiver, Output output, CountDownLatch ended) throws InterruptedException {
        Optional<WalReceiver.State> shown = Optional.empty();
        Optional<String> told = Optional.empty();
        while (!ended.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            WalReceiver.Status status = receiver.status();
            if (!shown.equals(Optional.of(status.state()))) {
                shown = Optional.of(status.state());
                output.aside(status.state()
                        + (status.timeline() == 0
                                ? "."
                                : ": timeline " + status.timeline() + ", received " + status.received() + ", durable "
                                        + status.durable() + "."));
            }
            boolean trouble =
                    status.state() == WalReceiver.State.RETRYING || status.state() == WalReceiver.State.BROKEN;
            Optional<String> line = status.lastError()
                    .map(failure -> failure.code() + ": " + failure.message() + " Hint: " + failure.hint());
            // Once, however often it is tried again.
            if (trouble && !told.equals(line)) {
                told = line;
                told.ifPresent(output::aside);
            }
        }
    }
}
