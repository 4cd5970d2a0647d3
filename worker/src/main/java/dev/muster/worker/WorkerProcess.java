package dev.muster.worker;

import dev.muster.activities.authority.Admission;
import dev.muster.activities.authority.AdmittedPlans;
import dev.muster.activities.authority.HighestEpochs;
import dev.muster.activities.authority.HostAuthority;
import dev.muster.activities.authority.SiteAuthority;
import dev.muster.activities.backup.HostBackup;
import dev.muster.activities.catalog.RunRecording;
import dev.muster.activities.catalog.ScheduleLog;
import dev.muster.activities.catalog.StoreIndexing;
import dev.muster.activities.observation.LiveDatabaseObserver;
import dev.muster.activities.observation.StoredCopiesObserver;
import dev.muster.activities.observation.StoredStateObserver;
import dev.muster.activities.place.HostPlace;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.activities.place.ProtectedDatabases;
import dev.muster.activities.place.Repositories;
import dev.muster.activities.planning.EpochsOnDisk;
import dev.muster.activities.planning.Planning;
import dev.muster.activities.recovery.HostRecovery;
import dev.muster.activities.stores.SiteStores;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.CatalogException;
import dev.muster.catalog.CatalogSettings;
import dev.muster.repository.Repository;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.approval.TrustedApprovers;
import dev.muster.workflows.backup.BackupImpl;
import dev.muster.workflows.connection.SearchAttributeRegistration;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.recording.RefreshIndexImpl;
import dev.muster.workflows.recording.RunRecorderImpl;
import dev.muster.workflows.recording.ScheduleRecorderImpl;
import dev.muster.workflows.recovery.PointInTimeRecoveryImpl;
import dev.muster.workflows.recovery.RestoreTestImpl;
import dev.muster.workflows.run.RunAttributes;
import dev.muster.workflows.run.RunStarter;
import dev.muster.workflows.run.ScenarioRun;
import dev.muster.workflows.schedules.ScheduledRunImpl;
import dev.muster.workflows.stores.ExpireImpl;
import dev.muster.workflows.stores.ReplicateImpl;
import dev.muster.workflows.stores.VerifyImpl;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One worker process put together: which workflows, activities and services run in this place. Read top to bottom. */
public final class WorkerProcess implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerProcess.class);

    /** The next control worker goes on almost at once when one dies; a workflow's cache is rebuilt by replay. */
    private static final Duration STICKY = Duration.ofSeconds(1);

    /**
     * The SDK takes a workflow that computes for a second for a deadlock and fails its task, after which the server
     * waits ever longer before the next attempt. A worker that has just replaced a killed one on a busy machine loads its
     * classes for longer than that: replaying must not fail for being slow.
     */
    private static final Duration LONGEST_WORKFLOW_STRETCH = Duration.ofSeconds(10);

    /** Between looks whether a store is back. */
    private static final Duration STORE_AWAY = Duration.ofSeconds(10);

    private static final int ACTIVITIES_AT_ONCE = 8;
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final TemporalConnection temporal;
    private final MeterRegistry metrics;
    private final WorkerFactory factory;
    private final Repositories repositories = new Repositories();
    private final List<PatientStart> services = new ArrayList<>();
    private final List<String> taskQueues = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable HostLock lock;
    private @Nullable Catalog catalog;

    private WorkerProcess(TemporalConnection temporal, MeterRegistry metrics) {
        this.temporal = temporal;
        this.metrics = metrics;
        factory = WorkerFactory.newInstance(temporal.client());
    }

    /** @throws IOException if what it needs from disk cannot be read; nothing has been started then */
    static WorkerProcess start(Settings settings, TemporalConnection temporal, MeterRegistry metrics, Clock clock)
            throws IOException {
        Path state = settings.state().toAbsolutePath();
        Files.createDirectories(state);
        TrustedApprovers approvers = TrustedApprovers.read(settings.approvers());
        List<RunbookFiles.LoadedSystem> systems = systems(settings.systems());
        ProtectedDatabases databases = new ProtectedDatabases(
                systems.stream().map(RunbookFiles.LoadedSystem::system).toList());
        WorkerProcess process = new WorkerProcess(temporal, metrics);
        try {
            if (settings.control()) {
                process.control(approvers, settings.catalog(), state, clock);
            }
            if (settings.site() != null) {
                process.site(settings.site(), databases, approvers, state, clock);
            }
            Settings.Host host = settings.host();
            if (host != null) {
                process.host(host, databases.on(host.name()), systems, approvers, state, clock);
            }
            if (host != null) {
                warmUp();
            }
            process.factory.start();
        } catch (RuntimeException | IOException e) {
            process.close();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(process::close, "shutdown"));
        return process;
    }

    /** A fraction of a second of one core, so that the first backup does not begin with it; nobody waits for it. */
    private static void warmUp() {
        Thread warmUp = new Thread(Repository::warmUp, "warm-up");
        warmUp.setDaemon(true);
        warmUp.start();
    }

    private static List<RunbookFiles.LoadedSystem> systems(List<Path> files) {
        return files.isEmpty()
                ? List.of()
                : RunbookFiles.load(files.toArray(Path[]::new)).systems();
    }

    private void control(
            TrustedApprovers approvers, @Nullable CatalogSettings catalogSettings, Path state, Clock clock) {
        // Before the first run asks for them; where they cannot be had, runs go on without.
        SearchAttributeRegistration.register(temporal, RunAttributes.ALL);
        Worker workflows = worker(TaskQueues.MUSTER);
        workflows.registerWorkflowImplementationTypes(
                ScenarioRun.OPTIONS,
                BackupImpl.class,
                PointInTimeRecoveryImpl.class,
                RestoreTestImpl.class,
                VerifyImpl.class,
                ReplicateImpl.class,
                ExpireImpl.class);
        workflows.registerWorkflowImplementationTypes(
                RunRecorderImpl.class, RefreshIndexImpl.class, ScheduledRunImpl.class, ScheduleRecorderImpl.class);
        worker(TaskQueues.CONTROL)
                .registerActivitiesImplementations(new Planning(
                        approvers, new EpochsOnDisk(state.resolve("epochs-given")), catalogSettings != null, clock));
        if (catalogSettings != null) {
            recording(catalogSettings, clock);
        }
    }

    /** Opened without connecting: a control worker comes up, and runs go on, while the catalogue is down. */
    private void recording(CatalogSettings settings, Clock clock) {
        Catalog opened = Catalog.open(settings);
        catalog = opened;
        worker(TaskQueues.CATALOG)
                .registerActivitiesImplementations(
                        new RunRecording(opened, clock), new StoreIndexing(opened), new ScheduleLog(opened));
        Thread look = new Thread(() -> lookAt(opened), "catalogue");
        look.setDaemon(true);
        look.start();
    }

    private static void lookAt(Catalog catalog) {
        try {
            catalog.check();
        } catch (CatalogException e) {
            log.warn("{}: {} Hint: {}", e.code(), e.getMessage(), e.hint());
        }
    }

    private void site(String site, ProtectedDatabases databases, TrustedApprovers approvers, Path state, Clock clock) {
        SiteAuthority authority = new SiteAuthority(site, approvers, clock);
        worker(TaskQueues.site(site))
                .registerActivitiesImplementations(
                        new StoredStateObserver(databases, repositories, clock),
                        new StoredCopiesObserver(databases, repositories, state.resolve("verified"), clock),
                        new Admission(authority::admit, databases),
                        new SiteStores(authority, databases, repositories, state.resolve("verified"), clock));
    }

    private void host(
            Settings.Host host,
            ProtectedDatabases databases,
            List<RunbookFiles.LoadedSystem> systems,
            TrustedApprovers approvers,
            Path state,
            Clock clock)
            throws IOException {
        lock = HostLock.take(state.resolve("host.lock"));
        HostPlace place = new HostPlace(
                host.name(), host.programs(), host.copies(), host.firstPort(), host.lastPort(), host.commands());
        HostAuthority authority = new HostAuthority(
                host.name(),
                host.approverRole(),
                approvers,
                new HighestEpochs(state.resolve("epochs-seen")),
                new AdmittedPlans(state.resolve("plans")),
                clock);
        worker(TaskQueues.host(host.name()))
                .registerActivitiesImplementations(
                        new LiveDatabaseObserver(databases, place, clock),
                        new Admission(authority::admit, databases),
                        new HostBackup(authority, databases, repositories, place),
                        new HostRecovery(authority, databases, repositories, place, clock));
        for (ProtectedDatabase database : databases.all()) {
            if (database.description().host().equals(host.name())) {
                BackupAfterLoss backup = new BackupAfterLoss(
                        new RunStarter(temporal.client()),
                        database,
                        source(systems, database.system().name()),
                        "worker:" + host.name());
                services.add(PatientStart.of(
                        "WAL of " + database.source(),
                        STORE_AWAY,
                        () -> WalService.start(database, repositories.of(database), state, backup, metrics, clock)));
            }
        }
    }

    private static SourceText source(List<RunbookFiles.LoadedSystem> systems, String name) {
        return systems.stream()
                .filter(loaded -> loaded.system().name().equals(name))
                .findFirst()
                .orElseThrow()
                .source();
    }

    private Worker worker(String taskQueue) {
        taskQueues.add(taskQueue);
        Gauge.builder("muster.worker.polling", () -> ended.getCount())
                .description("1 while the worker takes work from this task queue")
                .tag("task_queue", taskQueue)
                .register(metrics);
        return factory.newWorker(
                taskQueue,
                WorkerOptions.newBuilder()
                        // Shown beside every event that it caused: the place first, for people.
                        .setIdentity(
                                taskQueue + " " + temporal.client().getOptions().getIdentity())
                        .setMaxConcurrentActivityExecutionSize(ACTIVITIES_AT_ONCE)
                        .setStickyQueueScheduleToStartTimeout(STICKY)
                        .setDefaultDeadlockDetectionTimeout(LONGEST_WORKFLOW_STRETCH.toMillis())
                        .build());
    }

    List<String> taskQueues() {
        return List.copyOf(taskQueues);
    }

    /** Waits until the process is told to end. */
    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** Stops polling, lets what runs go on for a moment, then ends; a step that was cut is taken up by the next. */
    @Override
    public synchronized void close() {
        if (ended.getCount() == 0) {
            return;
        }
        log.info("Ending");
        factory.shutdownNow();
        factory.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        services.forEach(PatientStart::close);
        repositories.close();
        if (catalog != null) {
            catalog.close();
        }
        if (lock != null) {
            lock.close();
        }
        ended.countDown();
    }
}
