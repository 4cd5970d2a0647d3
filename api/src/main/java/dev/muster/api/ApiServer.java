package dev.muster.api;

import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.health.HealthCheck;
import com.codahale.metrics.health.HealthCheckRegistry;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.uber.m3.tally.Scope;
import dev.muster.api.access.AccessFilter;
import dev.muster.api.access.RefusalLog;
import dev.muster.api.intake.BodyLimit;
import dev.muster.api.intake.JsonRules;
import dev.muster.api.intake.KnownParameters;
import dev.muster.api.live.LiveRuns;
import dev.muster.api.metrics.Metrics;
import dev.muster.api.metrics.Readiness;
import dev.muster.api.openapi.OpenApiResource;
import dev.muster.api.problem.JettyProblems;
import dev.muster.api.problem.ProblemMapper;
import dev.muster.api.refusals.RefusalsResource;
import dev.muster.api.runbooks.RunbooksResource;
import dev.muster.api.runs.EventStreams;
import dev.muster.api.runs.PlansResource;
import dev.muster.api.runs.RunStart;
import dev.muster.api.runs.RunsResource;
import dev.muster.api.schedules.SchedulesResource;
import dev.muster.api.systems.SystemsResource;
import dev.muster.catalog.Catalog;
import dev.muster.workflows.approval.IssuerKeys;
import dev.muster.workflows.connection.TemporalOnDemand;
import dev.muster.workflows.recording.RefreshStarter;
import dev.muster.workflows.run.RunStarter;
import dev.muster.workflows.schedules.TemporalScheduleBoard;
import io.dropwizard.core.Configuration;
import io.dropwizard.core.server.DefaultServerFactory;
import io.dropwizard.core.setup.Environment;
import io.dropwizard.jersey.setup.JerseyEnvironment;
import io.dropwizard.jersey.validation.Validators;
import io.dropwizard.jetty.ConnectorFactory;
import io.dropwizard.jetty.GzipHandlerFactory;
import io.dropwizard.jetty.HttpConnectorFactory;
import io.dropwizard.request.logging.LogbackAccessRequestLogFactory;
import io.dropwizard.util.Duration;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.glassfish.jersey.server.ServerProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The API's process put together, without a configuration file: what is served, by what. Read top to bottom. */
public final class ApiServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ApiServer.class);

    /** What the API's description is made from. */
    public static final Set<Class<?>> RESOURCES = Set.of(
            SystemsResource.class,
            RunbooksResource.class,
            PlansResource.class,
            RunsResource.class,
            SchedulesResource.class,
            RefusalsResource.class);

    private static final int THREADS = 128;
    private static final int UPDATES_AT_ONCE = 16;
    private static final Duration IDLE = Duration.seconds(30);
    private static final Duration GRACE = Duration.seconds(10);

    private final ObjectMapper json = JsonRules.mapper();
    private final Metrics metrics = new Metrics();
    private final EventStreams events = new EventStreams(json, metrics.registry());
    private final ExecutorService updates =
            new ThreadPoolExecutor(0, UPDATES_AT_ONCE, 30, TimeUnit.SECONDS, new SynchronousQueue<>());
    private final Catalog catalog;
    private final TemporalOnDemand temporal;
    private final Server server;
    private volatile boolean ending;

    private ApiServer(ApiSettings settings, IssuerKeys keys, Function<Scope, TemporalOnDemand> connect, Clock clock) {
        catalog = Catalog.open(settings.catalog());
        temporal = connect.apply(metrics.temporal());
        LiveRuns live = new LiveRuns(temporal.client(), updates);

        Environment environment = new Environment(
                "muster-api",
                json,
                Validators.newValidatorFactory(),
                new MetricRegistry(),
                ApiServer.class.getClassLoader(),
                new HealthCheckRegistry(),
                new Configuration());
        metrics.bridge(environment.metrics());
        serve(environment.jersey(), keys, live, clock);
        administer(environment, live);
        environment.getApplicationContext().setErrorHandler(new JettyProblems(json));

        server = serverFactory(settings).build(environment);
        server.setErrorHandler(new JettyProblems(json));
    }

    private void serve(JerseyEnvironment jersey, IssuerKeys keys, LiveRuns live, Clock clock) {
        // Without it Jersey would keep events back until there are many.
        jersey.property(ServerProperties.OUTBOUND_CONTENT_LENGTH_BUFFER, 0);
        // A path, not a URL: which host and port the caller used only a proxy before it knows.
        jersey.property(ServerProperties.LOCATION_HEADER_RELATIVE_URI_RESOLUTION_DISABLED, true);
        jersey.register(new ProblemMapper());
        jersey.register(metrics.requestMeter());
        jersey.register(new BodyLimit());
        jersey.register(new AccessFilter(catalog.tokens()));
        jersey.register(new KnownParameters());
        jersey.register(new RefusalLog(catalog.refusals(), clock, metrics.registry()));
        jersey.register(new SystemsResource(catalog, new RefreshStarter(temporal.client())));
        jersey.register(new RunbooksResource(catalog));
        RunStart start = new RunStart(catalog, new RunStarter(temporal.client()), clock);
        jersey.register(new PlansResource(start));
        jersey.register(new RunsResource(catalog, live, start, keys, events, clock));
        jersey.register(new SchedulesResource(new TemporalScheduleBoard(temporal.client(), clock), catalog));
        jersey.register(new RefusalsResource(catalog));
        jersey.register(OpenApiResource.of(RESOURCES));
    }

    private void administer(Environment environment, LiveRuns live) {
        HealthCheck catalogAnswers = Readiness.check(catalog::check);
        environment.healthChecks().register("catalog", catalogAnswers);
        environment.healthChecks().register("temporal", Readiness.check(live::check));
        environment.admin().addServlet("prometheus", metrics.servlet()).addMapping("/metrics");
        environment
                .admin()
                .addServlet("ready", new Readiness(catalogAnswers, () -> ending))
                .addMapping("/ready");
    }

    private static DefaultServerFactory serverFactory(ApiSettings settings) {
        DefaultServerFactory factory = new DefaultServerFactory();
        factory.setApplicationConnectors(List.of(connector(settings.bind())));
        factory.setAdminConnectors(List.of(connector(settings.admin())));
        factory.setMaxThreads(THREADS);
        // Jersey refuses all that a path does not have, and says which it has.
        factory.setAllowedMethods(Set.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "QUERY"));
        factory.setRegisterDefaultExceptionMappers(false);
        factory.setShutdownGracePeriod(GRACE);
        GzipHandlerFactory gzip = new GzipHandlerFactory();
        gzip.setEnabled(false);
        factory.setGzipFilterFactory(gzip);
        LogbackAccessRequestLogFactory requests = new LogbackAccessRequestLogFactory();
        requests.setAppenders(List.of());
        factory.setRequestLogFactory(requests);
        return factory;
    }

    private static ConnectorFactory connector(ApiSettings.Address address) {
        HttpConnectorFactory http = new HttpConnectorFactory();
        http.setBindHost(address.host());
        http.setPort(address.port());
        http.setIdleTimeout(IDLE);
        http.setAcceptorThreads(Optional.of(1));
        http.setSelectorThreads(Optional.of(2));
        return http;
    }

    /**
     * Starts to serve; whether the catalogue and Temporal are up is not asked.
     *
     * @throws IOException if there is no key to sign with, or a port cannot be opened
     */
    public static ApiServer start(ApiSettings settings, Clock clock) throws IOException {
        return start(settings, TemporalOnDemand::fromEnvironment, clock);
    }

    /** The same, with Temporal at this address ({@code host:port}). */
    public static ApiServer start(ApiSettings settings, String temporalAddress, Clock clock) throws IOException {
        return start(settings, scope -> TemporalOnDemand.to(temporalAddress, scope), clock);
    }

    private static ApiServer start(ApiSettings settings, Function<Scope, TemporalOnDemand> connect, Clock clock)
            throws IOException {
        ApiServer api = new ApiServer(settings, IssuerKeys.read(settings.keys()), connect, clock);
        try {
            api.server.start();
        } catch (Exception e) {
            api.close();
            throw new IOException("The API cannot open its ports: " + e.getMessage(), e);
        }
        log.info("Serving {} and, for administrators, {}", api.uri(), api.adminUri());
        return api;
    }

    /** Where requests are taken. */
    public URI uri() {
        return uri("application");
    }

    /** Where health, readiness and metrics are shown. */
    public URI adminUri() {
        return uri("admin");
    }

    private URI uri(String connector) {
        for (Connector each : server.getConnectors()) {
            if (each instanceof ServerConnector http && connector.equals(http.getName())) {
                String host = String.valueOf(http.getHost());
                return URI.create(
                        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + http.getLocalPort());
            }
        }
        throw new IllegalStateException("There is no connector " + connector);
    }

    /** Waits until the process is told to end. */
    void awaitEnd() throws InterruptedException {
        server.join();
    }

    /** Takes no new requests, lets those that run end within a bound, then lets go of everything. */
    @Override
    public synchronized void close() {
        if (ending) {
            return;
        }
        ending = true;
        log.info("Ending");
        events.close();
        try {
            server.stop();
        } catch (Exception e) {
            log.warn("The server did not end in order", e);
        }
        updates.shutdownNow();
        temporal.close();
        catalog.close();
        metrics.close();
    }
}
