package dev.muster.activities.recovery;

import dev.muster.activities.CheckFailedException;
import dev.muster.activities.Heartbeats;
import dev.muster.activities.place.HostPlace;
import dev.muster.postgres.checks.Amcheck;
import dev.muster.postgres.checks.AmcheckReport;
import dev.muster.postgres.checks.ChecksumCheck;
import dev.muster.postgres.checks.ChecksumReport;
import dev.muster.postgres.checks.SqlCheck;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.runbooks.plan.Plan;
import dev.muster.workflows.recovery.CheckVerdict;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The checks of a copy that a plan can hold. */
final class CopyChecks {
    private static final Duration LONGEST_RELATION = Duration.ofHours(4);
    private static final Duration LONGEST_QUERY = Duration.ofHours(1);
    private static final int LISTED = 3;

    private final CopyOnHost copy;
    private final RecoveryServer server;
    private final HostPlace place;

    CopyChecks(CopyOnHost copy, RecoveryServer server, HostPlace place) {
        this.copy = copy;
        this.server = server;
        this.place = place;
    }

    CheckVerdict check(Plan.PlannedStep step, Heartbeats heartbeats) throws Exception {
        heartbeats.progress(step.title());
        return switch (step.type()) {
            case POSTGRES_PAGE_CHECKSUMS -> pageChecksums();
            case POSTGRES_AMCHECK -> amcheck();
            case SYSTEM_CHECKS -> ofSystem(Objects.requireNonNull(step.check()), heartbeats);
            case POSTGRES_BACKUP,
                    POSTGRES_RESTORE,
                    POSTGRES_REPLAY,
                    POSTGRES_CANARY,
                    POSTGRES_RETURN_ROWS,
                    POSTGRES_REMOVE_COPY,
                    STORE_VERIFY,
                    STORE_REPLICATE,
                    STORE_EXPIRE -> throw new IllegalArgumentException(step.id() + " is no check");
        };
    }

    private CheckVerdict pageChecksums() throws SQLException {
        String name = "page checksums";
        try (Connection connection = server.dataSource("postgres").getConnection()) {
            if (!ChecksumCheck.areOn(connection)) {
                return new CheckVerdict(name, false, "the cluster has no page checksums (initdb --data-checksums)");
            }
        }
        ChecksumReport report = ChecksumCheck.run(
                server.dataDirectory(),
                copy.summary().blockSize(),
                Math.min(8, Runtime.getRuntime().availableProcessors()));
        if (!report.passed()) {
            ChecksumReport.BadPage first = report.listed().get(0);
            throw failed(
                    name,
                    report.bad() + " of " + report.pages() + " pages are damaged, first: " + first.path() + " block "
                            + first.block());
        }
        return new CheckVerdict(
                name,
                true,
                String.format(Locale.ROOT, "%,d pages in %,d files are sound", report.pages(), report.files()));
    }

    private CheckVerdict amcheck() {
        String name = "amcheck";
        AmcheckReport report = Amcheck.run(
                database -> server.dataSource(database).getConnection(), "postgres", false, LONGEST_RELATION);
        if (!report.findings().isEmpty()) {
            List<String> first = report.findings().stream()
                    .limit(LISTED)
                    .map(finding -> finding.database() + "." + finding.relation() + ": " + finding.message())
                    .toList();
            throw failed(name, report.findings().size() + " findings: " + String.join("; ", first));
        }
        String checked =
                String.format(Locale.ROOT, "%,d tables and %,d indexes are sound", report.heaps(), report.indexes());
        if (report.heaps() == 0) {
            return new CheckVerdict(name, false, reasons(report));
        }
        return new CheckVerdict(
                name, true, report.notChecked().isEmpty() ? checked : checked + "; not all: " + reasons(report));
    }

    private static String reasons(AmcheckReport report) {
        return String.join(
                "; ",
                report.notChecked().stream()
                        .map(AmcheckReport.NotChecked::reason)
                        .distinct()
                        .limit(LISTED)
                        .toList());
    }

    private CheckVerdict ofSystem(Plan.PlannedCheck check, Heartbeats heartbeats) throws Exception {
        if (check.command() != null) {
            String said = new AllowedCommand(copy, server, place).run(check.name(), check.command(), heartbeats);
            return new CheckVerdict(check.name(), true, said);
        }
        SqlCheck query = new SqlCheck(
                check.name(),
                Objects.requireNonNull(check.sql()),
                SqlCheck.Comparison.EQUALS,
                Objects.requireNonNull(check.expect()),
                LONGEST_QUERY);
        try (Connection connection = copy.connect(server)) {
            SqlCheck.Result result = query.run(connection);
            if (!result.passed()) {
                throw failed(check.name(), result.problem());
            }
            return new CheckVerdict(check.name(), true, "the query gives " + result.actual() + ", as expected");
        }
    }

    private static CheckFailedException failed(String name, String finding) {
        return new CheckFailedException(
                "CHECK_FAILED",
                "The check '" + name + "' on the copy failed: " + finding + ".",
                "The live database was not touched. Look at the copy if it is kept, or try an older backup.");
    }
}
