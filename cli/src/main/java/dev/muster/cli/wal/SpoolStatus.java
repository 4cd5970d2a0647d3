package dev.muster.cli.wal;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.output.Output;
import dev.muster.cli.repo.Amount;
import dev.muster.postgres.spool.SpoolReport;
import java.nio.file.Path;
import java.time.Instant;

/** How a spool fares, in words. */
record SpoolStatus(Path folder, SpoolReport report, Instant now) {
    static SpoolStatus of(Path folder) {
        return new SpoolStatus(folder, SpoolReport.of(folder), Instant.now());
    }

    boolean isWell() {
        return report.isWell(now);
    }

    void tell(Output output) {
        output.line("Spool " + folder + " of " + report.use().setting() + ": "
                + (report.served(now)
                        ? "served"
                        : "NOBODY SERVES IT, last seen " + output.times().withAge(report.seen()))
                + "; "
                + report.last().map(name -> "last file " + name).orElse("no file yet") + "; "
                + Amount.count(report.waiting(), "file waits", "files wait") + ".");
        report.trouble()
                .ifPresent(why ->
                        output.line("TROUBLE: " + why.code() + ": " + why.getMessage() + " Hint: " + why.hint()));
        if (!report.served(now)) {
            output.line("The server waits, and keeps its WAL: start what serves it.");
        }
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("folder", folder.toString())
                .put("use", report.use().setting())
                .put("served", report.served(now))
                .put("seen", report.seen().toString())
                .put("waiting", report.waiting());
        report.last().ifPresent(name -> json.put("last", name));
        report.trouble()
                .ifPresent(why -> json.putObject("trouble")
                        .put("code", why.code())
                        .put("message", String.valueOf(why.getMessage()))
                        .put("hint", why.hint()));
        return json;
    }
}
