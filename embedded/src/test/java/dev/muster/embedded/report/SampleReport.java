package dev.muster.embedded.report;

import dev.muster.embedded.report.ReportDocument.Check;
import dev.muster.embedded.report.ReportDocument.Entry;
import dev.muster.embedded.report.ReportDocument.Objective;
import dev.muster.embedded.report.ReportDocument.Outcome;
import dev.muster.embedded.report.ReportDocument.Rows;
import dev.muster.embedded.report.ReportDocument.Step;
import dev.muster.embedded.report.ReportDocument.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reports as a run would make them, for tests. */
final class SampleReport {
    private static final Instant START = Instant.parse("2026-11-21T11:02:03.250Z");

    private SampleReport() {}

    static ReportDocument good() {
        List<Step> steps = new ArrayList<>(List.of(
                step(
                        "Find the last good point",
                        "host-orders-1",
                        0.4,
                        2.31,
                        1,
                        "transaction 84213 deleted 155,332 rows of payments; the point before it is 0/5A3BD0C8"),
                step("Make the plan", "control", 2.8, 0.12, 1, "14 steps, plan 7c1f9a02"),
                step(
                        "Wait for the approval",
                        "control",
                        3.0,
                        6.4,
                        1,
                        "approved by dana (database-owner), loss up to 60 s"),
                step(
                        "Restore the backup beside the live database",
                        "host-orders-1",
                        9.5,
                        11.84,
                        2,
                        "347 MB in 1,204 files; the worker was killed and its successor went on"),
                step(
                        "Replay the WAL to the point",
                        "host-orders-1",
                        21.5,
                        8.02,
                        1,
                        "0/1B1B79F0 to 0/5A3BD0C8, timeline 1"),
                step("Check indexes and pages", "host-orders-1", 29.6, 4.77, 1, "9 indexes, 44,120 pages"),
                step("Compare with the ledger", "host-orders-1", 34.4, 1.9, 1, ""),
                step("Bring the rows back", "host-orders-1", 36.4, 3.31, 1, "one transaction"),
                step("Remove the copy", "host-orders-1", 39.8, 0.34, 1, "")));
        return new ReportDocument(
                "Point-in-time recovery of orders-main",
                Outcome.SUCCEEDED,
                "155,332 payments that a malicious DELETE removed are back in the live database, equal to the ledger.",
                START,
                START.plusMillis(40_200),
                objectives(Duration.ofMillis(40_150), Optional.of(Duration.ofMillis(84))),
                List.of(new Rows("public.payments", 155_332, 155_332, 0)),
                List.of(
                        new Check("Page checksums", Verdict.PASSED, "44,120 pages, none damaged"),
                        new Check("Indexes (amcheck)", Verdict.PASSED, "9 B-tree indexes match their tables"),
                        new Check(
                                "Ledger",
                                Verdict.PASSED,
                                "the 752,004 payments at 0/5A3BD0C8 are exactly those of the ledger"),
                        new Check("Standby in the other site", Verdict.NOT_CHECKED, "this demo has one site")),
                steps,
                List.of(
                        new Entry(
                                "Run in Temporal",
                                "http://127.0.0.1:8233/namespaces/default/workflows/change%2Forders-main"),
                        new Entry("Repository", "file:///tmp/muster-demo-20261121-110203-1234567890/store"),
                        new Entry(
                                "Worker's log", "/tmp/muster-demo-20261121-110203-1234567890/logs/host-orders-1.log")),
                List.of(
                        new Entry("Java", "17.0.15+6 (Debian)"),
                        new Entry("Processors", "2 × Intel(R) Xeon(R) Processor @ 2.80GHz"),
                        new Entry("Memory", "24 GiB"),
                        new Entry("PostgreSQL", "18.6")));
    }

    static ReportDocument bad() {
        ReportDocument good = good();
        List<Step> steps = new ArrayList<>(good.steps().subList(0, 4));
        Step replay = good.steps().get(4);
        steps.add(new Step(
                replay.name(),
                replay.where(),
                replay.started(),
                replay.duration(),
                3,
                Verdict.FAILED,
                "WAL_GAP: segment 000000010000000000000041 is not in the archive <script>alert(1)</script>"));
        return new ReportDocument(
                good.title(),
                Outcome.FAILED,
                "The copy could not be recovered: WAL is missing. The live database was not touched.",
                good.started(),
                good.ended(),
                objectives(Duration.ofMinutes(17).plusSeconds(5), Optional.empty()),
                List.of(),
                List.of(new Check("WAL archive", Verdict.FAILED, "a gap of 16 MB at 0/41000000")),
                steps,
                good.places(),
                good.environment());
    }

    private static List<Objective> objectives(Duration recovery, Optional<Duration> loss) {
        return List.of(
                new Objective(
                        "RTO",
                        "Recovery time objective",
                        Duration.ofMinutes(15),
                        Optional.of(recovery),
                        "From the commit of the DELETE to the first verified read of the returned rows."),
                new Objective(
                        "RPO",
                        "Recovery point objective",
                        Duration.ofMinutes(5),
                        loss,
                        "Newest canary on the recovered copy against the commit of the DELETE."));
    }

    private static Step step(String name, String where, double start, double seconds, int attempts, String detail) {
        return new Step(
                name,
                where,
                START.plusMillis((long) (start * 1000)),
                Duration.ofMillis((long) (seconds * 1000)),
                attempts,
                Verdict.PASSED,
                detail);
    }
}
