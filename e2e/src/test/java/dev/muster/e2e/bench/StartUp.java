package dev.muster.e2e.bench;

import java.io.IOException;
import java.time.Duration;

/** How long the API takes to serve, and what memory it holds. */
final class StartUp {
    private static final int STARTS = 9;

    private final RecordedRuns runs;

    StartUp(RecordedRuns runs) {
        this.runs = runs;
    }

    void measure() throws IOException, InterruptedException {
        double[] seconds = new double[STARTS];
        double[] cpu = new double[STARTS];
        double[] megabytes = new double[STARTS];
        for (int start = 0; start < STARTS; start++) {
            RecordedRuns.Api api = runs.startApi();
            long process = api.process().processId();
            cpu[start] = Figures.cpuSeconds(process);
            megabytes[start] = Figures.residentMegabytes(process);
            seconds[start] = api.untilReady().toNanos() / 1e9;
            api.process().stop(Duration.ofSeconds(10));
        }
        Figures.table("Start of the API, " + STARTS + " times", "", "median", "slowest");
        row("process start to /ready 200, s", seconds);
        row("CPU until then, s", cpu);
        row("resident memory then, MB", megabytes);
    }

    private static void row(String name, double[] values) {
        Figures.row(name, Figures.text(Figures.median(values)), Figures.text(Figures.quantile(values, 1)));
    }
}
