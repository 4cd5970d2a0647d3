package dev.muster.runbooks.schedule;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A cron expression of five fields: minute, hour, day of month, month, day of week. Read here and not by a library,
 * because Temporal, which carries it out, wants both day fields to hold where other crons want one of them, so that
 * what the two would read differently has to be refused.
 *
 * @param text as it was written, with single spaces
 * @param values of each field, what it allows
 */
public record Cron(String text, Map<Field, SortedSet<Integer>> values) {
    /** In the order in which they are written. */
    public enum Field {
        MINUTE("minute", 0, 59, ""),
        HOUR("hour", 0, 23, ""),
        DAY_OF_MONTH("day of month", 1, 31, ""),
        MONTH("month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
        /** 0 is Sunday, and so is 7 where it is written. */
        DAY_OF_WEEK("day of week", 0, 6, "sun mon tue wed thu fri sat");

        private final String words;
        private final int least;
        private final int most;
        private final String names;

        Field(String words, int least, int most, String names) {
            this.words = words;
            this.least = least;
            this.most = most;
            this.names = names;
        }

        public int least() {
            return least;
        }

        public int most() {
            return most;
        }

        private List<String> names() {
            return List.of(names.split(" ", -1));
        }
    }

    /** Characters; five fields of lists fit well. */
    public static final int LONGEST = 100;

    private static final int SUNDAY_AGAIN = 7;
    /** A leap year, so that 29 February counts as a day that comes. */
    private static final int LEAP_YEAR = 2028;

    public Cron {
        values = Map.copyOf(values);
    }

    /** @throws CronException CRON_NOT_READABLE, CRON_NEVER or CRON_DAYS_UNCLEAR */
    public static Cron parse(String written) throws CronException {
        String text = written.strip().replaceAll("\\s+", " ");
        String[] parts = text.split(" ", -1);
        Field[] fields = Field.values();
        if (text.length() > LONGEST || parts.length != fields.length) {
            throw unreadable(
                    text.length() > LONGEST
                            ? "It is longer than " + LONGEST + " characters."
                            : "It has " + (text.isEmpty() ? 0 : parts.length) + " fields, not five.",
                    "Write minute, hour, day of month, month, day of week: 0 2 * * * is daily at 02:00.");
        }
        Map<Field, SortedSet<Integer>> values = new EnumMap<>(Field.class);
        for (int i = 0; i < fields.length; i++) {
            values.put(fields[i], field(fields[i], parts[i].toLowerCase(Locale.ROOT)));
        }
        Cron cron = new Cron(text, values);
        cron.refuseUnclearDays();
        cron.refuseNever();
        return cron;
    }

    private static SortedSet<Integer> field(Field field, String text) throws CronException {
        SortedSet<Integer> values = new TreeSet<>();
        for (String part : text.split(",", -1)) {
            String[] stepped = part.split("/", -1);
            int step = stepped.length == 1 ? 1 : step(field, stepped);
            String[] ends = stepped[0].split("-", -1);
            boolean all = stepped[0].equals("*");
            if (stepped.length == 2 && !all && ends.length == 1) {
                throw unreadable(
                        "'" + part + "' says no range to step through in the " + field.words + ".",
                        "Write */n, or a-b/n.");
            }
            if (ends.length > 2) {
                throw unreadable("'" + part + "' is no range of the " + field.words + ".", "Write a-b.");
            }
            int from = all ? field.least : number(field, ends[0]);
            int to = all ? field.most : number(field, ends[ends.length - 1]);
            if (to < from) {
                throw unreadable(
                        "The range '" + part + "' of the " + field.words + " ends before it begins.",
                        "Write two ranges, as in 22-23,0-4.");
            }
            for (int value = from; value <= to; value += step) {
                values.add(field == Field.DAY_OF_WEEK && value == SUNDAY_AGAIN ? 0 : value);
            }
        }
        return values;
    }

    private static int step(Field field, String[] stepped) throws CronException {
        if (stepped.length != 2 || !stepped[1].matches("[1-9]\\d?")) {
            throw unreadable("A step of the " + field.words + " is not right.", "Write a number from 1 after the /.");
        }
        return Integer.parseInt(stepped[1]);
    }

    private static int number(Field field, String text) throws CronException {
        int named = field.names().indexOf(text);
        if (named >= 0 && !text.isEmpty()) {
            return named + field.least;
        }
        int most = field == Field.DAY_OF_WEEK ? SUNDAY_AGAIN : field.most;
        if (!text.matches("\\d{1,2}") || Integer.parseInt(text) < field.least || Integer.parseInt(text) > most) {
            throw unreadable(
                    "'" + (text.length() > 20 ? text.substring(0, 20) + "..." : text) + "' is no " + field.words + ".",
                    "Write a number from " + field.least + " to " + most
                            + (field.names.isEmpty()
                                    ? ""
                                    : ", or a name such as " + field.names().get(1)) + ".");
        }
        return Integer.parseInt(text);
    }

    private void refuseUnclearDays() throws CronException {
        if (!all(Field.DAY_OF_MONTH) && !all(Field.DAY_OF_WEEK)) {
            throw new CronException(
                    "CRON_DAYS_UNCLEAR",
                    "Both days are narrowed: most crons would start when one of them holds, Temporal only when both do.",
                    "Write * for one of them; for either of two days write two crons.");
        }
    }

    private void refuseNever() throws CronException {
        boolean comes = of(Field.MONTH).stream()
                .anyMatch(month -> of(Field.DAY_OF_MONTH).first()
                        <= YearMonth.of(LEAP_YEAR, month).lengthOfMonth());
        if (!comes) {
            throw new CronException(
                    "CRON_NEVER",
                    "This day never comes: no such month has a day "
                            + of(Field.DAY_OF_MONTH).first() + ".",
                    "Write a day that the month has.");
        }
    }

    private static CronException unreadable(String message, String hint) {
        return new CronException("CRON_NOT_READABLE", message, hint);
    }

    /** What a field allows, rising, never empty. */
    public SortedSet<Integer> of(Field field) {
        SortedSet<Integer> found = values.get(field);
        if (found == null || found.isEmpty()) {
            throw new IllegalStateException("A cron without " + field);
        }
        return found;
    }

    private boolean all(Field field) {
        return of(field).size() == field.most - field.least + 1;
    }

    boolean allows(Field field, int value) {
        return of(field).contains(value);
    }

    /** Whether it names this day of the calendar, whatever the clocks do on it. */
    boolean names(LocalDate day) {
        return allows(Field.MONTH, day.getMonthValue())
                && allows(Field.DAY_OF_MONTH, day.getDayOfMonth())
                && allows(Field.DAY_OF_WEEK, day.getDayOfWeek().getValue() % 7);
    }

    /** What the fields allow, in one line; two crons that say the same in different words have the same. */
    public String meaning() {
        return java.util.Arrays.stream(Field.values())
                .map(field -> all(field)
                        ? "*"
                        : of(field).stream().map(String::valueOf).collect(Collectors.joining(",")))
                .collect(Collectors.joining(" "));
    }
}
