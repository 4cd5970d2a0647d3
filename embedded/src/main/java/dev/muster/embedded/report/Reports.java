package dev.muster.embedded.report;

import dev.muster.embedded.EmbeddedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a report in all its forms. */
public final class Reports {
    private Reports() {}

    /**
     * Writes {@code report.html}, {@code report.json} and {@code report.txt} into a folder.
     *
     * @return the HTML file
     * @throws EmbeddedException REPORT_NOT_WRITTEN
     */
    public static Path write(ReportDocument document, Path folder) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("report.json"), JsonReport.of(document));
            Files.writeString(folder.resolve("report.txt"), TextReport.of(document));
            return Files.writeString(folder.resolve("report.html"), HtmlReport.of(document));
        } catch (IOException e) {
            throw new EmbeddedException(
                    "REPORT_NOT_WRITTEN",
                    "Cannot write the report into " + folder,
                    "Is it writable, and is there space?",
                    e);
        }
    }
}
