package dev.muster.embedded.report;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a run ran on: figures without it mean nothing. */
public final class Surroundings {
    private static final long BYTES_PER_GIGABYTE = 1L << 30;

    private Surroundings() {}

    /** Java, processors, memory, operating system; then what the caller adds, such as versions of PostgreSQL. */
    public static List<ReportDocument.Entry> entries(ReportDocument.Entry... more) {
        List<ReportDocument.Entry> entries = new ArrayList<>();
        entries.add(
                new ReportDocument.Entry("Java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")"));
        entries.add(
                new ReportDocument.Entry("Processors", Runtime.getRuntime().availableProcessors() + processorModel()));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            entries.add(new ReportDocument.Entry(
                    "Memory", Math.round((double) system.getTotalMemorySize() / BYTES_PER_GIGABYTE) + " GiB"));
        }
        entries.add(new ReportDocument.Entry(
                "System",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch")));
        entries.addAll(List.of(more));
        return entries;
    }

    private static String processorModel() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> " × " + line.substring(line.indexOf(':') + 1).strip())
                    .orElse("");
        } catch (java.io.IOException e) {
            // Not every system has it; the number says enough.
            return "";
        }
    }
}
