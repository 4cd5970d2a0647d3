package dev.muster.embedded.dev;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.Role;
import dev.muster.embedded.console.Console;
import dev.muster.embedded.database.CatalogDatabase;
import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.orders.OrdersApplication;
import dev.muster.embedded.orders.OrdersSize;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.embedded.process.RunFolder;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.stack.RunningApi;
import dev.muster.embedded.stack.Stack;
import dev.muster.embedded.stack.StoredWal;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.postgres.instance.Installation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;

/** All that is started, read from top to bottom, then advice, then the wait for its end. */
final class Dev {
    private static final Duration BACKUP = Duration.ofMinutes(5);
    private static final String VIEWER = "vera";

    private final Console console;
    private final RunFolder folder;
    private final Installation installation;
    private final Teardown teardown;
    private final Clock clock;

    /** Everything is in the folder, and ended by the teardown. */
    Dev(Console console, RunFolder folder, Installation installation, Teardown teardown, Clock clock) {
        this.console = console;
        this.folder = folder;
        this.installation = installation;
        this.teardown = teardown;
        this.clock = clock;
    }

    /**
     * Starts it all, says where to look, and returns at the end of the input.
     *
     * @param port of the API on the loopback; 0 for a free one
     */
    void run(TemporalChoice choice, OrdersSize size, int port, InputStream input)
            throws IOException, InterruptedException {
        console.heading("A database with customers");
        OrdersApplication orders = OrdersApplication.start(console, folder, installation, teardown, clock, size);
        orders.startCustomers();

        console.heading("Muster");
        CatalogDatabase catalogue = startCatalogue();
        Stack stack = startTemporal(choice, orders).withCatalog(catalogue);
        stack.configure(orders.primary());
        startWorkers(stack);
        RunningApi api = startApi(stack, port);
        People people = invite(catalogue);
        describeAndBackUp(new DevApi(api.api()), people, stack);

        new Advice(console, folder.path(), stack, api, people.all()).print();
        obey(input, orders, stack);
    }

    private CatalogDatabase startCatalogue() {
        Console.Step step = console.step("Start PostgreSQL 18 (catalogue)");
        CatalogDatabase catalogue = CatalogDatabase.create(installation, folder.folder("catalogue"));
        teardown.add("the catalogue", catalogue::close);
        Catalog.migrate(catalogue.settings());
        step.done(catalogue.url());
        return catalogue;
    }

    private Stack startTemporal(TemporalChoice choice, OrdersApplication orders) throws IOException {
        Console.Step step = console.step(
                choice == TemporalChoice.SERVER ? "Start a Temporal server" : "Start Temporal in this JVM");
        Stack stack = orders.checkedBy(Stack.create(folder, installation, teardown, clock, choice));
        step.done(stack.temporalAddress());
        return stack;
    }

    private void startWorkers(Stack stack) {
        Console.Step step = console.step("Start a control worker and a host worker");
        ChildJvm control = stack.startControlWorker();
        ChildJvm host = stack.startHostWorker();
        step.done("processes " + control.processId() + " and " + host.processId());
    }

    private RunningApi startApi(Stack stack, int port) throws IOException {
        Console.Step step = console.step("Start the API");
        RunningApi api = stack.startApi(port);
        step.done(api.api() + ", process " + api.process().processId());
        return api;
    }

    private record People(Person viewer, Person operator, Person approver) {
        java.util.List<Person> all() {
            return java.util.List.of(viewer, operator, approver);
        }
    }

    private People invite(CatalogDatabase catalogue) {
        Path tokens = folder.folder("people");
        try (Catalog catalog = Catalog.open(catalogue.settings())) {
            return new People(
                    Person.create(catalog, tokens, VIEWER, Role.VIEWER),
                    Person.create(catalog, tokens, Stack.REQUESTER, Role.OPERATOR),
                    Person.create(catalog, tokens, Stack.APPROVER, Role.APPROVER));
        }
    }

    private void describeAndBackUp(DevApi api, People people, Stack stack) throws IOException {
        api.putSystem(people.operator(), Stack.SYSTEM, Files.readString(stack.systemFile()));
        Console.Step step = console.step("Take a backup");
        String run = api.start(people.operator(), Stack.SYSTEM, "shipped:backup");
        JsonNode ended = api.awaitSuccess(people.viewer(), run, BACKUP);
        api.await(
                people.viewer(),
                "/v1/systems/" + Stack.SYSTEM + "/backups",
                BACKUP,
                body -> !body.path("backups").isEmpty());
        step.done("run " + ended.path("id").asText());
    }

    /** A line of the input may strike; its end ends it all. */
    private void obey(InputStream input, OrdersApplication orders, Stack stack)
            throws IOException, InterruptedException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.strip().equals("attack")) {
                attack(orders, stack);
            } else if (!line.isBlank()) {
                console.line("Only 'attack' means anything here. Ctrl-D or Ctrl-C ends it all.");
            }
        }
    }

    private void attack(OrdersApplication orders, Stack stack) throws InterruptedException {
        try {
            Attack.Truth truth = Attack.strike(orders.primary().application(), clock);
            // Whoever asks for the recovery at once would otherwise ask before the store knows of it.
            StoredWal.await(stack, truth.after());
            console.line(String.format(Locale.ROOT, "%s: %,d rows are gone.", Attack.SQL, truth.rows()));
        } catch (SQLException e) {
            console.line("The attack failed: " + e.getMessage());
        }
    }
}
