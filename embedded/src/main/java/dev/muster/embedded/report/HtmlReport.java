package dev.muster.embedded.report;

import dev.muster.embedded.report.ReportDocument.Check;
import dev.muster.embedded.report.ReportDocument.Entry;
import dev.muster.embedded.report.ReportDocument.Objective;
import dev.muster.embedded.report.ReportDocument.Outcome;
import dev.muster.embedded.report.ReportDocument.Rows;
import dev.muster.embedded.report.ReportDocument.Step;
import dev.muster.embedded.report.ReportDocument.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * A report as one HTML file that stands alone: no script, nothing fetched, light or dark as its reader prefers, legible
 * on paper and to a screen reader. All text is escaped; the page's own policy forbids whatever would slip through.
 */
public final class HtmlReport {
    private static final String STYLE = "/dev/muster/embedded/report/report.css";
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern(
                    "d MMMM yyyy, HH:mm:ss 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    /** Bars narrower than this share of the width cannot be seen. */
    private static final double THINNEST_BAR_PERCENT = 0.4;

    private final StringBuilder html = new StringBuilder();

    private HtmlReport() {}

    public static String of(ReportDocument document) {
        return new HtmlReport().write(document);
    }

    private String write(ReportDocument document) {
        html.append("""
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
                """);
        html.append("<title>")
                .append(escaped(document.outcome().label() + ": " + document.title()))
                .append("</title>\n<style>\n")
                .append(style())
                .append("</style>\n</head>\n<body>\n");
        header(document);
        html.append("<main>\n");
        objectives(document);
        rows(document.rows());
        checks(document.checks());
        steps(document);
        entries("Where to look", document.places(), true);
        entries("Environment", document.environment(), false);
        html.append("</main>\n<footer>Written by Muster. Times are UTC.</footer>\n</body>\n</html>\n");
        return html.toString();
    }

    private void header(ReportDocument document) {
        html.append("<header>\n<p class=\"brand\">Muster <span>Run report</span></p>\n<h1>")
                .append(escaped(document.title()))
                .append("</h1>\n<p class=\"lead\">")
                .append(badge(
                        document.outcome() == Outcome.SUCCEEDED ? Verdict.PASSED : Verdict.FAILED,
                        document.outcome().label()))
                .append(escaped(document.summary()))
                .append("</p>\n<p class=\"when\">")
                .append(MOMENT.format(document.started()))
                .append(" &middot; took ")
                .append(escaped(Amounts.time(document.elapsed())))
                .append("</p>\n</header>\n");
    }

    private void objectives(ReportDocument document) {
        html.append("""
                <section aria-labelledby="objectives">
                <h2 id="objectives">Objectives</h2>
                <div class="cards">
                """);
        for (Objective objective : document.objectives()) {
            html.append("<article class=\"card\">\n<h3><abbr title=\"")
                    .append(escaped(objective.meaning()))
                    .append("\">")
                    .append(escaped(objective.name()))
                    .append("</abbr> ")
                    .append(badge(
                            objective.verdict(),
                            switch (objective.verdict()) {
                                case PASSED -> "Met";
                                case FAILED -> "Missed";
                                case NOT_CHECKED -> "Not measured";
                            }))
                    .append("</h3>\n<p class=\"figure\">")
                    .append(escaped(objective.achieved().map(Amounts::time).orElse("–")))
                    .append("</p>\n<p class=\"promise\">promised ")
                    .append(escaped(Amounts.promise(objective.promised())))
                    .append("</p>\n");
            objective.achieved().ifPresent(achieved -> meter(objective, achieved));
            html.append("<p class=\"note\">")
                    .append(escaped(objective.measured()))
                    .append("</p>\n</article>\n");
        }
        html.append("</div>\n</section>\n");
    }

    /** How much of the promise was used up. The figures above say the same in words. */
    private void meter(Objective objective, Duration achieved) {
        double share =
                100.0 * achieved.toMillis() / Math.max(1, objective.promised().toMillis());
        html.append(String.format(
                Locale.ROOT,
                "<div class=\"meter %s\" aria-hidden=\"true\"><div style=\"width:%.2f%%\"></div></div>%n",
                tone(objective.verdict()),
                Math.max(THINNEST_BAR_PERCENT, Math.min(100, share))));
    }

    private void rows(List<Rows> rows) {
        if (rows.isEmpty()) {
            return;
        }
        html.append("""
                <section aria-labelledby="rows">
                <h2 id="rows">Rows</h2>
                <table class="plain">
                <thead><tr><th scope="col">Relation</th><th scope="col" class="n">Deleted</th>
                <th scope="col" class="n">Back</th><th scope="col" class="n">Conflicting</th></tr></thead>
                <tbody>
                """);
        for (Rows relation : rows) {
            html.append("<tr><th scope=\"row\"><code>")
                    .append(escaped(relation.relation()))
                    .append("</code></th>")
                    .append(count("Deleted", relation.deleted()))
                    .append(count("Back", relation.back()))
                    .append(count("Conflicting", relation.conflicting()))
                    .append("</tr>\n");
        }
        html.append("</tbody>\n</table>\n</section>\n");
    }

    /** The label shows where there is no room for the column's heading. */
    private static String count(String label, long number) {
        return "<td class=\"n\"><span class=\"label\">" + label + " </span>" + Amounts.count(number) + "</td>";
    }

    private void checks(List<Check> checks) {
        if (checks.isEmpty()) {
            return;
        }
        html.append("""
                <section aria-labelledby="checks">
                <h2 id="checks">Checks</h2>
                <ul class="checks">
                """);
        for (Check check : checks) {
            html.append("<li>")
                    .append(badge(check.verdict(), check.verdict().label()))
                    .append("<div><strong>")
                    .append(escaped(check.name()))
                    .append("</strong> <span>")
                    .append(escaped(check.finding()))
                    .append("</span></div></li>\n");
        }
        html.append("</ul>\n</section>\n");
    }

    private void steps(ReportDocument document) {
        html.append("""
                <section aria-labelledby="steps">
                <h2 id="steps">Steps</h2>
                <table class="steps">
                <thead><tr><th scope="col">Step</th><th scope="col">Where</th><th scope="col" class="n">Start</th>
                <th scope="col" class="n">Took</th><th scope="col" class="chart">Timeline</th></tr></thead>
                <tbody>
                """);
        for (Step step : document.steps()) {
            step(document, step);
        }
        html.append("</tbody>\n</table>\n</section>\n");
    }

    private void step(ReportDocument document, Step step) {
        double total = Math.max(1, document.elapsed().toMillis());
        Duration start = Duration.between(document.started(), step.started());
        double width = Math.max(THINNEST_BAR_PERCENT, 100 * step.duration().toMillis() / total);
        double left = Math.max(0, Math.min(100 - width, 100 * start.toMillis() / total));
        html.append("<tr><th scope=\"row\">").append(escaped(step.name()));
        if (step.verdict() == Verdict.FAILED) {
            html.append(' ').append(badge(Verdict.FAILED, "Failed"));
        }
        if (step.attempts() > 1) {
            html.append(" <span class=\"attempts\">").append(step.attempts()).append(" attempts</span>");
        }
        if (!step.detail().isEmpty()) {
            html.append("<span class=\"detail\">")
                    .append(escaped(step.detail()))
                    .append("</span>");
        }
        html.append("</th><td class=\"where\">")
                .append(escaped(step.where()))
                .append("</td><td class=\"n\"><span class=\"label\">Start </span>")
                .append(escaped(Amounts.offset(start)))
                .append("</td><td class=\"n\"><span class=\"label\">Took </span>")
                .append(escaped(Amounts.time(step.duration())))
                .append(String.format(
                        Locale.ROOT,
                        "</td><td class=\"chart\" aria-hidden=\"true\"><div class=\"track\">"
                                + "<div class=\"bar %s\" style=\"left:%.2f%%;width:%.2f%%\"></div></div></td></tr>%n",
                        tone(step.verdict()),
                        left,
                        width));
    }

    private void entries(String heading, List<Entry> entries, boolean code) {
        if (entries.isEmpty()) {
            return;
        }
        String id = heading.toLowerCase(Locale.ROOT).replace(' ', '-');
        html.append("<section aria-labelledby=\"")
                .append(id)
                .append("\">\n<h2 id=\"")
                .append(id)
                .append("\">")
                .append(escaped(heading))
                .append("</h2>\n<dl>\n");
        for (Entry entry : entries) {
            html.append("<div><dt>")
                    .append(escaped(entry.name()))
                    .append("</dt><dd>")
                    .append(code ? "<code>" : "")
                    .append(escaped(entry.value()))
                    .append(code ? "</code>" : "")
                    .append("</dd></div>\n");
        }
        html.append("</dl>\n</section>\n");
    }

    private static String badge(Verdict verdict, String label) {
        return "<span class=\"badge " + tone(verdict) + "\">" + escaped(label) + "</span> ";
    }

    private static String tone(Verdict verdict) {
        return switch (verdict) {
            case PASSED -> "good";
            case FAILED -> "bad";
            case NOT_CHECKED -> "open";
        };
    }

    private static String style() {
        try (InputStream stream = HtmlReport.class.getResourceAsStream(STYLE)) {
            if (stream == null) {
                throw new IllegalStateException("Not on the class path: " + STYLE);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + STYLE, e);
        }
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
