package dev.muster.cli.repo;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.restore.RecoveryTarget;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where replay stops, as somebody types it. */
final class TargetOptions {
    private static final Pattern TIME = Pattern.compile("(?<day>\\d{4}-\\d{2}-\\d{2})[Tt ]"
            + "(?<time>\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,9})?)?) ?(?<zone>[Zz]|UTC|GMT|[+-]\\d{2}(?::\\d{2})?)?");

    private TargetOptions() {}

    /**
     * {@code latest}, {@code immediate}, {@code time:2026-11-21T03:00:00Z}, {@code lsn:0/3000060}, {@code xid:742},
     * {@code name:before-upgrade}.
     */
    static RecoveryTarget parse(String text, boolean exclusive) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        try {
            RecoveryTarget target = switch (kind) {
                case "latest" -> new RecoveryTarget.Latest();
                case "immediate" -> new RecoveryTarget.Immediate();
                case "time" -> new RecoveryTarget.Time(time(value).toInstant(), !exclusive);
                case "lsn" -> new RecoveryTarget.Position(Lsn.parse(value), !exclusive);
                case "xid" -> new RecoveryTarget.Transaction(Long.parseLong(value), !exclusive);
                case "name" -> new RecoveryTarget.Named(value);
                default ->
                    throw new IllegalArgumentException(
                            "it begins with none of latest, immediate, time:, lsn:, xid:, name:");
            };
            boolean bounded = kind.equals("time") || kind.equals("lsn") || kind.equals("xid");
            if (exclusive && !bounded) {
                throw new IllegalArgumentException("--exclusive belongs to time, lsn and xid");
            }
            return target;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new CliException(
                    "OPTIONS_REFUSED",
                    "'" + text + "' is no target: " + e.getMessage() + ".",
                    "latest, immediate, time:2026-11-21T03:00:00+01:00 (with its zone), lsn:0/3000060, xid:742 or"
                            + " name:before-upgrade.",
                    ExitCode.BAD_INPUT);
        }
    }

    /** As ISO 8601 has it, and as PostgreSQL shows it: a space for the T, hours alone as the zone, or UTC. */
    private static OffsetDateTime time(String text) {
        Matcher parts = TIME.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException("it is no time with its zone, such as 2026-11-21T03:00:00+01:00");
        }
        String zone = parts.group("zone");
        if (zone == null) {
            throw new IllegalArgumentException("its zone is missing: add Z for UTC, or such as +01:00");
        }
        String offset = zone.toUpperCase(Locale.ROOT);
        return OffsetDateTime.parse(parts.group("day") + "T" + parts.group("time")
                + (offset.equals("UTC") || offset.equals("GMT")
                        ? "Z"
                        : offset.length() == 3 ? offset + ":00" : offset));
    }
}
