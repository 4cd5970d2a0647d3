package dev.muster.e2e.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Order statistics, and what Linux tells of processes. */
final class Figures {
    /** Of /proc, on every architecture that Java runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private Figures() {}

    static double median(double[] values) {
        return quantile(values, 0.5);
    }

    /** The smallest value that this share of all does not exceed. */
    static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    static String text(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }

    static void row(String... cells) {
        System.out.println("| " + String.join(" | ", cells) + " |");
    }

    /** A table's head, below a heading. */
    static void table(String heading, String... columns) {
        System.out.println("\n## " + heading + "\n");
        row(columns);
        System.out.println("|" + "---|".repeat(columns.length));
    }

    static double residentMegabytes(long process) throws IOException {
        Matcher resident = RESIDENT.matcher(Files.readString(Path.of("/proc", Long.toString(process), "status")));
        if (!resident.find()) {
            throw new IOException("Process " + process + " tells no VmRSS");
        }
        return Long.parseLong(resident.group(1)) / 1024.0;
    }

    /** Of the process, its children, and those of them that have ended. */
    static double cpuSeconds(long process) throws IOException {
        double sum = ticks(process, true);
        for (ProcessHandle child :
                ProcessHandle.of(process).orElseThrow().children().toList()) {
            sum += ticks(child.pid(), false);
        }
        return sum / TICKS_PER_SECOND;
    }

    private static double ticks(long process, boolean withEnded) throws IOException {
        String line = Files.readString(Path.of("/proc", Long.toString(process), "stat"), StandardCharsets.ISO_8859_1);
        // The name before may have blanks and brackets.
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
        double own = Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
        return withEnded ? own + Double.parseDouble(fields[13]) + Double.parseDouble(fields[14]) : own;
    }
}
