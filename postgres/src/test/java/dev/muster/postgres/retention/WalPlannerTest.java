package dev.muster.postgres.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.backup.Making;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.repository.BackupKind;
import dev.muster.storage.ObjectInfo;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What of a cluster's WAL is kept, decided without a store. Positions are numbers of segments. */
class WalPlannerTest {
    private static final int MEGABYTE = 1 << 20;
    private static final String ROOT = "src/orders-main/wal/7/";
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private final List<ObjectInfo> objects = new ArrayList<>();
    private final List<WalBackup> backups = new ArrayList<>();
    private final Map<Integer, TimelineHistory> histories = new TreeMap<>();
    private Duration age = Duration.ofDays(30);

    static Lsn at(int segment) {
        return new Lsn((long) segment * MEGABYTE);
    }

    static BackupSummary summary(int timeline, Lsn start, Lsn stop, Instant time) {
        return new BackupSummary(
                "7",
                180_006,
                timeline,
                start,
                start,
                stop,
                time,
                time,
                MEGABYTE,
                8192,
                true,
                1,
                1,
                1,
                List.of(),
                Map.of(),
                new Making(BackupKind.FULL, Optional.empty(), Making.Method.WHOLE, "", 0, 0, 0, 0, 0));
    }

    private void backup(String id, int timeline, int start, int stop, Duration old) {
        Instant time = NOW.minus(old);
        Lsn end = at(stop).plus(100);
        backups.add(new WalBackup(id, summary(timeline, at(start).plus(50), end, time), time));
    }

    private void object(String key) {
        objects.add(new ObjectInfo(ROOT + key, 10, NOW.minus(age)));
    }

    private static String name(int timeline, int segment) {
        return new SegmentName(timeline, at(segment), MEGABYTE).toString();
    }

    private void segments(int timeline, int from, int to) {
        for (int segment = from; segment < to; segment++) {
            object(name(timeline, segment).substring(0, 8) + "/00000000/" + name(timeline, segment)
                    + "-0123456789abcdef.seg");
        }
    }

    private void part(int timeline, int segment, int from, int to) {
        object(String.format(
                Locale.ROOT,
                "%08X/00000000/%s/%08X-%08X-0123456789abcdef.part",
                timeline,
                name(timeline, segment),
                from,
                to));
    }

    private void history(int timeline, String content) {
        object(String.format(Locale.ROOT, "%08X/%08X-0123456789abcdef.history", timeline, timeline));
        histories.put(timeline, TimelineHistory.parse(timeline, content.getBytes(StandardCharsets.UTF_8)));
    }

    private ClusterWal plan() {
        WalFiles files = new WalFiles(ROOT, objects, MEGABYTE);
        return new WalPlanner(WalPolicy.window(Duration.ofDays(7)), files, backups, histories, NOW, NOW).plan();
    }

    /** Numbers of the segments that go, by timeline. */
    private static List<String> gone(ClusterWal plan) {
        return plan.expired().stream()
                .map(one -> one.key().substring(ROOT.length()))
                .map(key -> key.endsWith(".history")
                        ? "history " + Integer.parseInt(key.substring(0, 8), 16)
                        : Integer.parseInt(key.substring(0, 8), 16) + ":" + Integer.parseInt(key.substring(34, 42), 16)
                                + (key.endsWith(".part") ? " part" : ""))
                .toList();
    }

    @Test
    @DisplayName(
            "Before the window a backup keeps what makes it consistent, and one segment that PostgreSQL reads ahead; from"
                    + " the newest backup before the window on, all stays")
    void window() {
        backup("old", 1, 2, 3, Duration.ofDays(40));
        backup("anchor", 1, 8, 9, Duration.ofDays(8));
        backup("new", 1, 14, 14, Duration.ofDays(1));
        segments(1, 0, 20);
        ClusterWal plan = plan();
        assertThat(plan.doubts()).isEmpty();
        assertThat(plan.warnings()).isEmpty();
        assertThat(gone(plan)).containsExactly("1:0", "1:1", "1:5", "1:6", "1:7");
        assertThat(plan.kept()).isEqualTo(15);
    }

    @Test
    @DisplayName("Without a backup before the window, WAL of the oldest one inside it and all later stays")
    void noAnchor() {
        backup("first", 1, 8, 9, Duration.ofDays(3));
        backup("second", 1, 14, 14, Duration.ofDays(1));
        segments(1, 0, 20);
        assertThat(gone(plan())).hasSize(8).startsWith("1:0").endsWith("1:7");
    }

    @Test
    @DisplayName(
            "Clock skew: a backup whose times lie wrongly in the window keeps more, and never moves the beginning later")
    void clocks() {
        backup("anchor", 1, 5, 5, Duration.ofDays(2));
        backup("later", 1, 10, 10, Duration.ofDays(9));
        backup("newest", 1, 15, 15, Duration.ofDays(1));
        segments(1, 0, 20);
        assertThat(gone(plan())).containsExactly("1:0", "1:1", "1:2", "1:3", "1:4");
    }

    @Test
    @DisplayName("PostgreSQL recovery 11: a gap after the backup that recovery begins with, and nothing goes")
    void gap() {
        backup("old", 1, 2, 3, Duration.ofDays(40));
        backup("anchor", 1, 8, 9, Duration.ofDays(8));
        segments(1, 0, 12);
        segments(1, 13, 20);
        ClusterWal plan = plan();
        assertThat(plan.expired()).isEmpty();
        assertThat(plan.doubts()).singleElement().asString().contains("gap").contains(at(12).toString());
        assertThat(plan.kept()).isEqualTo(19);
    }

    @Test
    @DisplayName("An old backup that lost the WAL that makes it consistent is told of, and holds up nothing else")
    void oldGap() {
        backup("old", 1, 2, 3, Duration.ofDays(40));
        backup("anchor", 1, 8, 9, Duration.ofDays(8));
        segments(1, 0, 2);
        segments(1, 3, 20);
        ClusterWal plan = plan();
        assertThat(plan.warnings())
                .singleElement()
                .asString()
                .contains("old")
                .contains(at(2).plus(50).toString());
        assertThat(gone(plan)).containsExactly("1:0", "1:1", "1:5", "1:6", "1:7");
    }

    @Test
    @DisplayName("What nobody knows, and what contradicts itself, makes it doubtful: nothing goes")
    void doubts() {
        backup("anchor", 1, 8, 9, Duration.ofDays(8));
        segments(1, 0, 20);
        object("00000001/00000000/" + name(1, 4) + "-ffffffffffffffff.seg");
        assertThat(plan().doubts()).singleElement().asString().contains("contradict");
        objects.remove(objects.size() - 1);
        object("00000001/notes.txt");
        assertThat(plan().doubts()).singleElement().asString().contains("notes.txt");
        assertThat(plan().expired()).isEmpty();
        objects.remove(objects.size() - 1);
        assertThat(gone(plan())).hasSize(8);
    }

    @Test
    @DisplayName(
            "PostgreSQL recovery 3: along a timeline switch the ancestor's WAL stays up to where it was left, and what"
                    + " the old primary wrote beyond goes once it is old")
    void timelines() {
        backup("first", 1, 2, 2, Duration.ofDays(20));
        backup("anchor", 1, 6, 6, Duration.ofDays(10));
        backup("new", 2, 12, 12, Duration.ofDays(2));
        segments(1, 0, 15);
        segments(2, 9, 16);
        history(2, "1\t" + at(9).plus(500) + "\tno recovery target\n");
        assertThat(gone(plan())).containsExactly("1:0", "1:1", "1:4", "1:5", "1:10", "1:11", "1:12", "1:13", "1:14");
        // What came lately may be of a primary that still lives.
        age = Duration.ofDays(1);
        objects.removeIf(object -> object.key().contains(name(1, 14)));
        segments(1, 14, 15);
        assertThat(gone(plan())).containsExactly("1:0", "1:1", "1:4", "1:5");
    }

    @Test
    @DisplayName(
            "A timeline before all backups goes with its history; histories in the middle stay, as PostgreSQL takes the"
                    + " first free number")
    void histories() {
        backup("anchor", 3, 20, 20, Duration.ofDays(10));
        segments(1, 0, 6);
        segments(2, 5, 12);
        segments(3, 11, 25);
        segments(4, 15, 18);
        history(2, "1\t" + at(5).plus(500) + "\tx\n");
        history(3, "1\t" + at(5).plus(500) + "\tx\n2\t" + at(11).plus(10) + "\tx\n");
        history(4, "1\t" + at(5).plus(500) + "\tx\n2\t" + at(11).plus(10) + "\tx\n3\t" + at(15).plus(7) + "\tx\n");
        history(5, "1\t" + at(5).plus(500) + "\tx\n2\t" + at(11).plus(10) + "\tx\n3\t" + at(22).plus(7) + "\tx\n");
        segments(5, 22, 30);
        List<String> gone = gone(plan());
        assertThat(gone)
                .contains("1:0", "2:5", "3:19", "history 2", "4:15")
                .doesNotContain("3:20", "5:22", "history 4");
        assertThat(gone).doesNotContain("history 3", "history 5");
    }

    @Test
    @DisplayName("A timeline without its history, and one that no backup leads to, lose nothing")
    void noHistory() {
        backup("anchor", 1, 8, 9, Duration.ofDays(8));
        segments(1, 0, 20);
        segments(2, 15, 20);
        assertThat(plan().doubts()).singleElement().asString().contains("timeline 2");
        history(2, "1\t" + at(4).plus(500) + "\tx\n");
        ClusterWal plan = plan();
        assertThat(plan.warnings()).singleElement().asString().contains("no backup leads to timeline 2");
        assertThat(gone(plan)).noneMatch(one -> one.startsWith("2:")).contains("1:0");
    }

    @Test
    @DisplayName("Parts go once their whole segment was stored for a while; parts of an open segment stay")
    void parts() {
        backup("anchor", 1, 2, 2, Duration.ofDays(8));
        segments(1, 2, 5);
        part(1, 3, 0, 1000);
        part(1, 5, 0, 1000);
        assertThat(gone(plan())).containsExactly("1:3 part");
        age = Duration.ofMinutes(10);
        objects.removeIf(object -> object.key().contains(name(1, 3) + "-"));
        segments(1, 3, 4);
        assertThat(gone(plan())).isEmpty();
    }

    @Test
    @DisplayName("A window shorter than an hour is refused")
    void shortWindow() {
        assertThatThrownBy(() -> WalPolicy.window(Duration.ofMinutes(59)))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("WAL_WINDOW_INVALID"));
    }

    @Test
    @DisplayName("Repository 2: a backup whose clock was days behind does not move the beginning of the window")
    void clockBehind() {
        backup("anchor", 1, 2, 3, Duration.ofDays(8));
        backup("inside", 1, 8, 9, Duration.ofDays(6));
        backup("behind", 1, 14, 14, Duration.ofDays(10));
        segments(1, 0, 20);
        assertThat(gone(plan())).containsExactly("1:0", "1:1");
    }
}
