package dev.muster.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.uber.m3.tally.NoopScope;
import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import com.uber.m3.tally.ScopeCloseException;
import com.uber.m3.util.Duration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a worker counts, of its process and of its work for Temporal, shown to Prometheus on a port of its own. */
final class WorkerMetrics implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerMetrics.class);
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final Duration REPORT = Duration.ofSeconds(5);
    private static final int READERS = 2;
    private static final int WAITING = 16;

    private final MeterRegistry registry;
    private final Scope temporal;
    private final Runnable end;
    private final int port;

    private WorkerMetrics(MeterRegistry registry, Scope temporal, int port, Runnable end) {
        this.registry = registry;
        this.temporal = temporal;
        this.port = port;
        this.end = end;
    }

    /** Nothing is counted. */
    static WorkerMetrics none() {
        return new WorkerMetrics(new CompositeMeterRegistry(), new NoopScope(), -1, () -> {});
    }

    /**
     * Opens the port.
     *
     * @param port 0 for a free one
     * @throws MetricsPortException if it cannot be opened
     */
    static WorkerMetrics open(String address, int port) {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(address, port), WAITING);
        } catch (IOException | IllegalArgumentException e) {
            throw new MetricsPortException(address, port, e);
        }
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        JvmGcMetrics collections = new JvmGcMetrics();
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
        // Where stores count, which know nothing of workers.
        Metrics.addRegistry(registry);
        Scope temporal = new RootScopeBuilder()
                .reporter(new MicrometerClientStatsReporter(registry))
                .reportEvery(REPORT);
        ExecutorService readers = Executors.newFixedThreadPool(READERS, task -> {
            Thread thread = new Thread(task, "metrics");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(readers);
        server.createContext("/metrics", exchange -> answer(exchange, registry));
        server.start();
        log.info("Metrics at http://{}:{}/metrics", address, server.getAddress().getPort());
        return new WorkerMetrics(registry, temporal, server.getAddress().getPort(), () -> {
            Metrics.removeRegistry(registry);
            server.stop(0);
            readers.shutdownNow();
            collections.close();
        });
    }

    private static void answer(HttpExchange exchange, PrometheusMeterRegistry registry) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            byte[] text = registry.scrape(TEXT).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", TEXT);
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    /** Where the worker's own services show how they are. */
    MeterRegistry registry() {
        return registry;
    }

    /** Where the Temporal SDK counts. */
    Scope temporal() {
        return temporal;
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        try {
            temporal.close();
        } catch (ScopeCloseException e) {
            log.debug("The last counts of the Temporal SDK are lost", e);
        }
        end.run();
    }
}
