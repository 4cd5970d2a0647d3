package dev.muster.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How columns are read and written: times to the microsecond in UTC, as PostgreSQL keeps them. */
final class Columns {
    private Columns() {}

    static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(row.getString(column), column);
    }

    static @Nullable String textOrNull(ResultSet row, String column) throws SQLException {
        return row.getString(column);
    }

    static Instant time(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(timeOrNull(row, column), column);
    }

    static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    static OffsetDateTime of(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    static @Nullable OffsetDateTime ofNullable(@Nullable Instant time) {
        return time == null ? null : of(time);
    }

    /** PostgreSQL refuses NUL in any text; what people and programs said is kept without it. */
    static String storable(String text) {
        return text.indexOf('\0') < 0 ? text : text.replace("\0", "\uFFFD");
    }

    static @Nullable String storableOrNull(@Nullable String text) {
        return text == null ? null : storable(text);
    }

    static String shortened(String text, int longest) {
        String kept = storable(text);
        return kept.length() <= longest ? kept : kept.substring(0, longest - 1) + "…";
    }
}
