package dev.muster.cli.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Rows under titles. Where the terminal is too narrow, long texts are shortened first, then columns that matter least
 * are left out; a line never wraps because of those, and what people copy, such as ids, is never cut.
 */
public final class Table {
    private static final String GAP = "  ";

    /**
     * A column.
     *
     * @param least to how many characters it may be shortened; 0 for never
     * @param rank the highest is left out first; 0 stays
     */
    public record Column(String title, boolean right, int least, int rank) {
        /** Whole, and always there. */
        public static Column of(String title) {
            return new Column(title, false, 0, 0);
        }

        /** May be shortened to so many characters. */
        public Column atLeast(int characters) {
            return new Column(title, right, characters, rank);
        }

        /** May be left out; the highest first. */
        public Column optional(int leftOutFirst) {
            return new Column(title, right, least, leftOutFirst);
        }

        /** For numbers. */
        public Column toTheRight() {
            return new Column(title, true, least, rank);
        }
    }

    private final List<Column> columns;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(Column... columns) {
        this.columns = List.of(columns);
    }

    /** One cell per column. */
    public Table row(String... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(Arrays.stream(cells).map(Printable::line).toList());
        return this;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** @param width of the terminal, in characters */
    public List<String> lines(int width) {
        List<Integer> shown =
                new ArrayList<>(IntStream.range(0, columns.size()).boxed().toList());
        int[] widths = IntStream.range(0, columns.size()).map(this::natural).toArray();
        int over = total(shown, widths) - width;
        while (over > 0) {
            int widest = widestToShorten(shown, widths);
            if (widest >= 0) {
                widths[widest]--;
            } else {
                int least = leastImportant(shown);
                if (least < 0) {
                    break;
                }
                shown.remove((Integer) least);
                // With the room that this gives, texts may be longer again.
                for (int column : shown) {
                    widths[column] = natural(column);
                }
            }
            over = total(shown, widths) - width;
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(columns.stream().map(Column::title).toList(), shown, widths));
        rows.forEach(row -> lines.add(line(row, shown, widths)));
        return lines;
    }

    private int natural(int column) {
        return Math.max(
                length(columns.get(column).title()),
                rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0));
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static int total(List<Integer> shown, int[] widths) {
        return shown.stream().mapToInt(column -> widths[column]).sum() + GAP.length() * (shown.size() - 1);
    }

    private int widestToShorten(List<Integer> shown, int[] widths) {
        int widest = -1;
        for (int column : shown) {
            int least = Math.max(
                    columns.get(column).least(), length(columns.get(column).title()));
            if (columns.get(column).least() > 0
                    && widths[column] > least
                    && (widest < 0 || widths[column] > widths[widest])) {
                widest = column;
            }
        }
        return widest;
    }

    private int leastImportant(List<Integer> shown) {
        int found = -1;
        for (int column : shown) {
            int rank = columns.get(column).rank();
            if (rank > 0 && (found < 0 || rank > columns.get(found).rank())) {
                found = column;
            }
        }
        return found;
    }

    private String line(List<String> cells, List<Integer> shown, int[] widths) {
        return shown.stream()
                .map(column -> cell(
                        cells.get(column), widths[column], columns.get(column).right()))
                .collect(Collectors.joining(GAP))
                .stripTrailing();
    }

    private static String cell(String text, int width, boolean right) {
        int length = length(text);
        if (length > width) {
            return text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
        }
        String blanks = " ".repeat(width - length);
        return right ? blanks + text : text + blanks;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%d rows of %s", rows.size(), columns);
    }
}
