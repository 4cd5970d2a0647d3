package dev.muster.embedded.report;

import dev.muster.embedded.report.ReportDocument.Check;
import dev.muster.embedded.report.ReportDocument.Entry;
import dev.muster.embedded.report.ReportDocument.Objective;
import dev.muster.embedded.report.ReportDocument.Rows;
import dev.muster.embedded.report.ReportDocument.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report for the terminal: at most {@value #WIDTH} columns, no colours, plain characters. */
public final class TextReport {
    public static final int WIDTH = 100;

    private static final String INDENT = "  ";
    private static final int LONGEST_NAME_COLUMN = 44;

    private final StringBuilder text = new StringBuilder();

    private TextReport() {}

    public static String of(ReportDocument document) {
        return new TextReport().write(document);
    }

    private String write(ReportDocument document) {
        line(document.outcome().label().toUpperCase(Locale.ROOT) + ": " + document.title());
        wrapped(document.summary(), "", "");
        heading("Objectives");
        for (Objective objective : document.objectives()) {
            line(String.format(
                    Locale.ROOT,
                    INDENT + "%-4s %-12s promised %-10s %s",
                    objective.name(),
                    objective.achieved().map(Amounts::time).orElse("not measured"),
                    Amounts.promise(objective.promised()),
                    switch (objective.verdict()) {
                        case PASSED -> "met";
                        case FAILED -> "MISSED";
                        case NOT_CHECKED -> "unknown";
                    }));
            wrapped(objective.measured(), "       ", "       ");
        }
        if (!document.rows().isEmpty()) {
            heading("Rows");
            document.rows().forEach(this::rows);
        }
        if (!document.checks().isEmpty()) {
            heading("Checks");
            document.checks().forEach(this::check);
        }
        heading("Steps");
        steps(document);
        entries("Where to look", document.places());
        entries("Environment", document.environment());
        return text.toString();
    }

    private void rows(Rows rows) {
        String conflicts = rows.conflicting() == 0
                ? ""
                : "; " + Amounts.count(rows.conflicting()) + " left as they are, their key is taken by other content";
        wrapped(
                rows.relation() + ": " + Amounts.count(rows.back()) + " of " + Amounts.count(rows.deleted())
                        + " deleted rows are back" + conflicts,
                INDENT,
                INDENT + INDENT);
    }

    private void check(Check check) {
        String verdict = String.format(
                Locale.ROOT,
                INDENT + "%-12s",
                switch (check.verdict()) {
                    case PASSED -> "passed";
                    case FAILED -> "FAILED";
                    case NOT_CHECKED -> "NOT CHECKED";
                });
        wrapped(check.name() + ": " + check.finding(), verdict, " ".repeat(verdict.length()));
    }

    private void steps(ReportDocument document) {
        int names = Math.min(
                LONGEST_NAME_COLUMN,
                longest(document.steps().stream().map(Step::name).toList()));
        int places = longest(document.steps().stream().map(Step::where).toList());
        for (Step step : document.steps()) {
            String attempts = step.attempts() > 1 ? "  " + step.attempts() + " attempts" : "";
            String failed = step.verdict() == ReportDocument.Verdict.FAILED ? "  FAILED" : "";
            String start = Amounts.offset(Duration.between(document.started(), step.started()));
            wrapped(
                    String.format(
                                    Locale.ROOT,
                                    "%-" + names + "s  %-" + places + "s  %11s",
                                    step.name(),
                                    step.where(),
                                    Amounts.time(step.duration()))
                            + attempts
                            + failed,
                    String.format(Locale.ROOT, INDENT + "%11s  ", start),
                    INDENT + " ".repeat(13));
            if (!step.detail().isEmpty()) {
                wrapped(step.detail(), INDENT + " ".repeat(15), INDENT + " ".repeat(15));
            }
        }
    }

    private void entries(String heading, List<Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        heading(heading);
        int names = longest(entries.stream().map(Entry::name).toList());
        for (Entry entry : entries) {
            // Never broken: addresses and paths are there to be copied.
            line(String.format(Locale.ROOT, INDENT + "%-" + names + "s  %s", entry.name(), entry.value()));
        }
    }

    private static int longest(List<String> texts) {
        return Math.max(1, texts.stream().mapToInt(String::length).max().orElse(1));
    }

    private void heading(String heading) {
        text.append('\n').append(heading).append('\n');
    }

    private void line(String line) {
        text.append(line.stripTrailing()).append('\n');
    }

    /** Breaks at spaces; a word that is longer than the width stays whole. */
    private void wrapped(String paragraph, String first, String following) {
        for (String line : wrap(paragraph, first, following)) {
            line(line);
        }
    }

    static List<String> wrap(String paragraph, String first, String following) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(first);
        int start = first.length();
        // Runs of spaces are columns: they stay as long as the line does.
        for (String word : paragraph.split("(?<= )(?=[^ ])", -1)) {
            if (line.length() > start && line.length() + word.stripTrailing().length() > WIDTH) {
                lines.add(line.toString().stripTrailing());
                line = new StringBuilder(following);
                start = following.length();
            }
            line.append(word);
        }
        lines.add(line.toString().stripTrailing());
        return lines;
    }
}
