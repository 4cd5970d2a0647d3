package dev.muster.catalog;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The record of everything that was refused. */
public final class Refusals {
    /** Written by whoever was refused, so each is cut. */
    private static final int LONGEST = 500;

    private static final Pattern POSITION = Pattern.compile("\\d{1,18}");

    private final Database database;

    Refusals(Database database) {
        this.database = database;
    }

    /** Keeps a refusal; texts beyond 500 characters are cut. */
    public void add(Refusal refusal) {
        database.with(handle -> handle.execute(
                "insert into record.refusal (at, who, action, target, code, message) values (?, ?, ?, ?, ?, ?)",
                Columns.of(refusal.at()),
                Columns.shortened(refusal.who(), LONGEST),
                Columns.shortened(refusal.action(), LONGEST),
                Columns.shortened(refusal.target(), LONGEST),
                Columns.shortened(refusal.code(), LONGEST),
                Columns.shortened(refusal.message(), LONGEST)));
    }

    private record Kept(long id, Refusal refusal) {}

    /**
     * Newest first.
     *
     * @param cursor {@link RefusalPage#next} of the page before; null for the first page
     * @param limit 1 to 500
     * @throws CatalogException CURSOR_INVALID
     */
    public RefusalPage list(@Nullable String cursor, int limit) {
        int rows = PagePosition.limit(limit);
        long before = cursor == null ? Long.MAX_VALUE : Long.parseLong(PagePosition.read(cursor, POSITION));
        List<Kept> found = database.with(handle -> handle.createQuery(
                        "select * from record.refusal where id < :before order by id desc limit :rows")
                .bind("before", before)
                .bind("rows", rows + 1)
                .map((row, context) -> new Kept(
                        row.getLong("id"),
                        new Refusal(
                                Columns.time(row, "at"),
                                Columns.text(row, "who"),
                                Columns.text(row, "action"),
                                Columns.text(row, "target"),
                                Columns.text(row, "code"),
                                Columns.text(row, "message"))))
                .list());
        return new RefusalPage(
                found.stream().limit(rows).map(Kept::refusal).toList(),
                found.size() <= rows
                        ? null
                        : PagePosition.write(Long.toString(found.get(rows - 1).id())));
    }
}
