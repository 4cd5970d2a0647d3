package dev.muster.api.metrics;

import com.codahale.metrics.MetricRegistry;
import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import com.uber.m3.tally.ScopeCloseException;
import com.uber.m3.util.Duration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that this process counts: the API, the JVM, Dropwizard and Jetty, and the Temporal SDK. */
public final class Metrics implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Metrics.class);
    private static final Duration REPORT = Duration.ofSeconds(5);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Scope temporal;

    public Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
        temporal = new RootScopeBuilder()
                .reporter(new MicrometerClientStatsReporter(registry))
                .reportEvery(REPORT);
    }

    public MeterRegistry registry() {
        return registry;
    }

    /** Where the Temporal SDK counts. */
    public Scope temporal() {
        return temporal;
    }

    /** Adds what Dropwizard counts. */
    public void bridge(MetricRegistry dropwizard) {
        DropwizardBridge.connect(dropwizard, registry);
    }

    /** A filter that measures requests. */
    public Object requestMeter() {
        return new RequestMeter(registry);
    }

    /** Answers with the Prometheus text. */
    public HttpServlet servlet() {
        return new Exposition(registry);
    }

    @Override
    public void close() {
        collections.close();
        try {
            temporal.close();
        } catch (ScopeCloseException e) {
            log.debug("The last counts of the Temporal SDK are lost", e);
        }
        registry.close();
    }

    private static final class Exposition extends HttpServlet {
        private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

        private final transient PrometheusMeterRegistry registry;

        Exposition(PrometheusMeterRegistry registry) {
            this.registry = registry;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentType(TEXT);
            response.getOutputStream().write(registry.scrape(TEXT).getBytes(StandardCharsets.UTF_8));
        }
    }
}
