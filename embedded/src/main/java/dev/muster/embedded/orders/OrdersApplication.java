package dev.muster.embedded.orders;

import dev.muster.embedded.console.Console;
import dev.muster.embedded.database.DemoPrimary;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.embedded.process.RunFolder;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.stack.Stack;
import dev.muster.postgres.instance.Installation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;

/** The orders database with its customers, each part told as it starts and ended with the run. */
public final class OrdersApplication {
    private static final double WRITES_PER_SECOND = 40;
    private static final Duration READY = Duration.ofSeconds(60);

    private final Console console;
    private final RunFolder folder;
    private final Teardown teardown;
    private final DemoPrimary primary;
    private final Path ledger;

    private OrdersApplication(Console console, RunFolder folder, Teardown teardown, DemoPrimary primary, Path ledger) {
        this.console = console;
        this.folder = folder;
        this.teardown = teardown;
        this.primary = primary;
        this.ledger = ledger;
    }

    /** Starts its database and fills it; nobody writes yet. */
    public static OrdersApplication start(
            Console console,
            RunFolder folder,
            Installation installation,
            Teardown teardown,
            Clock clock,
            OrdersSize size) {
        Console.Step database = console.step("Start PostgreSQL 18 (primary)");
        DemoPrimary primary = DemoPrimary.create(installation, folder.folder("primary"));
        teardown.add("the primary", primary::close);
        database.done("on 127.0.0.1:" + primary.port());

        Console.Step filling = console.step("Fill the orders database");
        LedgerLine.Base base = new OrdersLoad(primary.application(), size, clock).run();
        Path ledger = folder.path().resolve("ledger");
        OrdersWriter.createLedger(ledger, base);
        filling.done(String.format(Locale.ROOT, "%,d payments", base.payments().count()));
        return new OrdersApplication(console, folder, teardown, primary, ledger);
    }

    public DemoPrimary primary() {
        return primary;
    }

    public Path ledger() {
        return ledger;
    }

    /** The customers order and pay from now on. */
    public ChildJvm startCustomers() {
        Console.Step step = console.step("Customers order and pay");
        Path ready = folder.path().resolve("writer.ready");
        ChildJvm writer = OrdersWriter.process(primary, ledger, WRITES_PER_SECOND, ready)
                .start(folder.folder("logs").resolve("writer.log"));
        teardown.add("the writer", writer::close);
        writer.awaitReadyFile(ready, READY);
        step.done(String.format(Locale.ROOT, "%.0f transactions a second, canary rows, a ledger", WRITES_PER_SECOND));
        return writer;
    }

    /** Adds what is to hold on every copy: the payments have their orders and are those of the ledger. */
    public Stack checkedBy(Stack stack) throws IOException {
        return stack.withSqlCheck(
                        "every-payment-has-its-order",
                        "select count(*) from payments p where not exists"
                                + " (select from orders o where o.id = p.order_id)",
                        "0")
                .withCommandCheck("ledger", ledgerCheck());
    }

    /** The ledger check as a program of its own: an allow-list names programs, not command lines. */
    private Path ledgerCheck() throws IOException {
        String script = "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                + "' -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '" + System.getProperty("java.class.path")
                + "' " + LedgerCheck.class.getName() + " '" + ledger + "'\n";
        return Files.writeString(
                Files.createFile(
                        folder.path().resolve("ledger-check"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))),
                script,
                StandardCharsets.UTF_8);
    }
}
