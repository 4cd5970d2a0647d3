package dev.muster.e2e.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.DoubleStream;

/** Several callers at once, each asking again as soon as it is answered. */
final class Load {
    /** One question, asked and answered. */
    @FunctionalInterface
    interface Call {
        void make() throws Exception;
    }

    /** @param millis of each call */
    record Result(List<Double> millis, double seconds) {
        double perSecond() {
            return millis.size() / seconds;
        }
    }

    private Load() {}

    /** @param calls one for each caller, who makes it over and over */
    static Result measure(List<Call> calls, Duration length) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(calls.size());
        try {
            long begin = System.nanoTime();
            long end = begin + length.toNanos();
            List<Callable<DoubleStream>> all = new ArrayList<>();
            for (Call call : calls) {
                all.add(() -> repeat(call, end));
            }
            DoubleStream millis = DoubleStream.empty();
            for (Future<DoubleStream> one : callers.invokeAll(all)) {
                millis = DoubleStream.concat(millis, one.get());
            }
            List<Double> each = millis.boxed().toList();
            double seconds = (System.nanoTime() - begin) / 1e9;
            if (each.isEmpty()) {
                throw new IOException("No call ended within " + length);
            }
            return new Result(each, seconds);
        } finally {
            callers.shutdownNow();
        }
    }

    private static DoubleStream repeat(Call call, long end) throws Exception {
        DoubleStream.Builder millis = DoubleStream.builder();
        for (long before = System.nanoTime(); before < end; ) {
            call.make();
            long after = System.nanoTime();
            millis.add((after - before) / 1e6);
            before = after;
        }
        return millis.build();
    }
}
