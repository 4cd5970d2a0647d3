package dev.muster.api.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.MetricRegistryListener;
import com.codahale.metrics.Timer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Shows what Dropwizard and Jetty count themselves (threads, connections, requests) among the Prometheus metrics. */
final class DropwizardBridge extends MetricRegistryListener.Base {
    private static final Pattern UNUSUAL = Pattern.compile("[^A-Za-z0-9]+");

    private final MeterRegistry meters;

    private DropwizardBridge(MeterRegistry meters) {
        this.meters = meters;
    }

    /** From now on, and for what is registered already. */
    static void connect(MetricRegistry from, MeterRegistry to) {
        from.addListener(new DropwizardBridge(to));
    }

    private static String name(String dropwizard) {
        return "dropwizard." + UNUSUAL.matcher(dropwizard).replaceAll(".");
    }

    @Override
    public void onGaugeAdded(String name, Gauge<?> gauge) {
        io.micrometer.core.instrument.Gauge.builder(
                        name(name), gauge, read -> read.getValue() instanceof Number number ? number.doubleValue() : 0)
                .register(meters);
    }

    @Override
    public void onCounterAdded(String name, Counter counter) {
        // It may fall, so it is a gauge here.
        io.micrometer.core.instrument.Gauge.builder(name(name), counter, Counter::getCount)
                .register(meters);
    }

    @Override
    public void onMeterAdded(String name, Meter meter) {
        FunctionCounter.builder(name(name), meter, Meter::getCount).register(meters);
    }

    @Override
    public void onTimerAdded(String name, Timer timer) {
        FunctionTimer.builder(
                        name(name),
                        timer,
                        Timer::getCount,
                        read -> read.getSnapshot().getMean() * read.getCount(),
                        TimeUnit.NANOSECONDS)
                .register(meters);
    }

    @Override
    public void onHistogramAdded(String name, Histogram histogram) {
        FunctionCounter.builder(name(name), histogram, Histogram::getCount).register(meters);
    }
}
