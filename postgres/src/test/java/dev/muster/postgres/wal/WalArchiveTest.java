package dev.muster.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.storage.Stores;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "PostgreSQL recovery" 2, 11 and 12. */
class WalArchiveTest {
    private static final int MEGABYTE = 1 << 20;
    private static final String SYSTEM = "7300000000000000001";

    @TempDir
    Path folder;

    private StoreWal store;
    private WalArchive archive;

    @BeforeEach
    void open() throws Exception {
        Files.createDirectories(folder.resolve("store"));
        store = new StoreWal(Stores.open("file://" + folder.resolve("store").toAbsolutePath()));
        archive = new WalArchive(store, "orders-main", SYSTEM, MEGABYTE);
    }

    private static SegmentName segment(int number) {
        return new SegmentName(1, new Lsn((long) number * MEGABYTE), MEGABYTE);
    }

    private static byte[] bytes(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    @DisplayName("The same segment again is success, a different one an error (PostgreSQL recovery 2)")
    void theSameSegmentAgainIsSuccessAndADifferentOneIsAnError() {
        archive.storeSegment(segment(3), bytes(3, MEGABYTE));
        archive.storeSegment(segment(3), bytes(3, MEGABYTE));
        assertThatThrownBy(() -> archive.storeSegment(segment(3), bytes(4, MEGABYTE)))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("WAL_CONFLICT"));
        assertThat(archive.ranges())
                .containsExactly(new WalRange(1, segment(3).start(), segment(3).end()));
    }

    @Test
    void theSameHistoryAgainIsSuccessAndADifferentOneIsAnError() {
        archive.storeHistory(2, "1\t0/3000000\tno recovery target\n".getBytes(StandardCharsets.UTF_8));
        archive.storeHistory(2, "1\t0/3000000\tno recovery target\n".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> archive.storeHistory(2, "1\t0/3000010\telsewhere\n".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("WAL_CONFLICT"));
        assertThat(archive.history(2).orElseThrow().endOf(1)).contains(new Lsn(0x3000000));
        assertThat(archive.history(1)).contains(TimelineHistory.first());
        assertThat(archive.history(3)).isEmpty();
    }

    @Test
    @DisplayName(
            "What a recovery needs is the WAL of its stretch, parts only where no whole segment is, and all histories")
    void whatARecoveryNeeds() {
        archive.storeHistory(2, "1\t0/100000\tno recovery target\n".getBytes(StandardCharsets.UTF_8));
        archive.storeHistory(3, "1\t0/100000\tno\n2\t0/200000\tno recovery target\n".getBytes(StandardCharsets.UTF_8));
        for (int number = 2; number < 6; number++) {
            SegmentName segment = new SegmentName(3, new Lsn((long) number * MEGABYTE), MEGABYTE);
            archive.storePart(segment, 0, bytes(number, 100));
            if (number < 5) {
                archive.storeSegment(segment, bytes(number, MEGABYTE));
            }
        }
        assertThat(archive.keys(3, new Lsn(3L * MEGABYTE + 7), new Lsn(5L * MEGABYTE + 50)))
                .extracting(key -> key.replaceFirst("-?[0-9a-f]{16}\\.", ".").replaceFirst(".*/wal/[0-9]+/", ""))
                .containsExactlyInAnyOrder(
                        "00000002/00000002.history",
                        "00000003/00000003.history",
                        "00000003/00000000/000000030000000000000003.seg",
                        "00000003/00000000/000000030000000000000004.seg",
                        "00000003/00000000/000000030000000000000005/00000000-00000064.part");
        assertThat(archive.keys(1, new Lsn(0), new Lsn(9L * MEGABYTE))).isEmpty();
    }

    @Test
    void partsAreJoinedAlsoWhenTheyOverlap() {
        byte[] whole = bytes(3, MEGABYTE);
        archive.storePart(segment(3), 0, Arrays.copyOfRange(whole, 0, 1000));
        archive.storePart(segment(3), 1000, Arrays.copyOfRange(whole, 1000, 5000));
        archive.storePart(segment(3), 600, Arrays.copyOfRange(whole, 600, 3000));
        archive.storePart(segment(3), 5000, Arrays.copyOfRange(whole, 5000, 5001));
        archive.storePart(segment(3), 9000, Arrays.copyOfRange(whole, 9000, 9100));
        Lsn start = segment(3).start();
        assertThat(archive.ranges())
                .containsExactly(
                        new WalRange(1, start, start.plus(5001)), new WalRange(1, start.plus(9000), start.plus(9100)));
        byte[] read = new byte[8000];
        WalBytes wal = archive.read(1, start);
        assertThat(wal.read(start, read, 0, 8000)).isEqualTo(5001);
        assertThat(Arrays.copyOf(read, 5001)).isEqualTo(Arrays.copyOf(whole, 5001));
        assertThat(wal.read(start.plus(700), read, 0, 100)).isEqualTo(100);
        assertThat(Arrays.copyOf(read, 100)).isEqualTo(Arrays.copyOfRange(whole, 700, 800));
        assertThat(wal.read(start.plus(5001), read, 0, 100)).isZero();
    }

    @Test
    void theLastSegmentIsPaddedWithZerosAndOneBeforeAGapIsNot() throws Exception {
        byte[] part = bytes(5, 700);
        archive.storeSegment(segment(4), bytes(4, MEGABYTE));
        archive.storePart(segment(5), 0, part);
        Path target = folder.resolve("fetched");
        assertThat(archive.along(1).fetch(segment(5).toString(), target)).isTrue();
        assertThat(Files.readAllBytes(target)).isEqualTo(Arrays.copyOf(part, MEGABYTE));
        assertThat(archive.along(1).fetch(segment(6).toString(), folder.resolve("none")))
                .isFalse();
        assertThat(folder.resolve("none")).doesNotExist();
        archive.storeSegment(segment(7), bytes(7, MEGABYTE));
        for (int gap : new int[] {5, 6}) {
            assertThatThrownBy(() -> archive.along(1).fetch(segment(gap).toString(), folder.resolve("gap")))
                    .isInstanceOfSatisfying(
                            PostgresException.class, e -> assertThat(e.code()).isEqualTo("WAL_GAP"));
            assertThat(folder.resolve("gap")).doesNotExist();
        }
        assertThat(archive.along(1).following(segment(3).toString(), 4))
                .containsExactly(segment(4).toString());
    }

    @Test
    void anAncestorsWalIsServedOnlyUpToWhereTheTimelinesPart() throws Exception {
        for (int number = 3; number <= 6; number++) {
            archive.storeSegment(segment(number), bytes(number, MEGABYTE));
        }
        Lsn left = segment(4).start().plus(500);
        archive.storeHistory(2, ("1\t" + left + "\tpromoted\n").getBytes(StandardCharsets.UTF_8));
        Path target = folder.resolve("fetched");
        assertThat(archive.along(2).fetch(segment(4).toString(), target)).isTrue();
        assertThat(Files.readAllBytes(target))
                .isEqualTo(Arrays.copyOf(Arrays.copyOf(bytes(4, MEGABYTE), 500), MEGABYTE));
        assertThat(archive.along(2).fetch(segment(5).toString(), folder.resolve("none")))
                .isFalse();
        assertThat(archive.along(2).following(segment(3).toString(), 4)).isEmpty();
        assertThat(archive.along(1).following(segment(3).toString(), 4)).hasSize(3);
        assertThat(archive.along(1).fetch(segment(5).toString(), folder.resolve("five")))
                .isTrue();
    }

    @Test
    void walThatIsMissingBeforeATimelineSwitchIsAGapAndNotTheEnd() {
        archive.storeSegment(segment(3), bytes(3, MEGABYTE));
        archive.storePart(segment(4), 0, bytes(4, 900));
        Lsn left = segment(6).start().plus(500);
        archive.storeHistory(2, ("1\t" + left + "\tpromoted\n").getBytes(StandardCharsets.UTF_8));
        archive.storePart(new SegmentName(2, segment(6).start(), MEGABYTE), 0, bytes(6, 900));
        for (int gap : new int[] {4, 5}) {
            assertThatThrownBy(() -> archive.along(2).fetch(segment(gap).toString(), folder.resolve("gap")))
                    .isInstanceOfSatisfying(
                            PostgresException.class, e -> assertThat(e.code()).isEqualTo("WAL_GAP"));
        }
        assertThat(archive.along(1).fetch(segment(5).toString(), folder.resolve("none")))
                .isFalse();
    }

    @Test
    void walIsContiguousOnlyAcrossTheTimelinesOfAPath() {
        byte[] history = ("1\t" + segment(4).start().plus(500) + "\tpromoted\n").getBytes(StandardCharsets.UTF_8);
        archive.storeSegment(segment(3), bytes(3, MEGABYTE));
        archive.storePart(segment(4), 0, bytes(4, 900));
        archive.storeHistory(2, history);
        SegmentName onTwo = new SegmentName(2, segment(4).start(), MEGABYTE);
        archive.storePart(onTwo, 0, bytes(4, 2000));
        TimelineHistory two = archive.history(2).orElseThrow();
        Lsn from = segment(3).start().plus(28);
        assertThat(archive.reach(TimelineHistory.first(), from))
                .isEqualTo(segment(4).start().plus(900));
        assertThat(archive.reach(two, from)).isEqualTo(segment(4).start().plus(2000));
        assertThat(archive.reach(two, segment(2).start())).isEqualTo(segment(2).start());
    }

    @Test
    void waitingForWalNamesTheFirstPositionThatIsMissing() {
        archive.storeSegment(segment(3), bytes(3, MEGABYTE));
        archive.storePart(segment(4), 0, bytes(4, 900));
        Lsn from = segment(3).start().plus(40);
        archive.awaitWal(1, from, segment(4).start().plus(900), Duration.ZERO, Progress.NONE);
        assertThatThrownBy(() -> archive.awaitWal(1, from, segment(4).start().plus(901), Duration.ZERO, Progress.NONE))
                .isInstanceOfSatisfying(PostgresException.class, e -> {
                    assertThat(e.code()).isEqualTo("WAL_NOT_ARCHIVED");
                    assertThat(e.getMessage())
                            .contains(segment(4).start().plus(900).toString());
                });
    }

    @Test
    void largeSegmentsAreReceivedWithoutHoldingThemInMemory() throws Exception {
        int size = 128 << 20;
        WalArchive large = new WalArchive(store, "orders-main", SYSTEM, size);
        SegmentName name = new SegmentName(1, new Lsn(size), size);
        OpenSegment open = new OpenSegment(large, name, new byte[0]);
        byte[] chunk = bytes(9, 1 << 20);
        while (!open.complete()) {
            ByteBuffer bytes = ByteBuffer.wrap(chunk);
            while (bytes.hasRemaining()) {
                open.append(bytes);
                if (open.full() || open.complete()) {
                    open.flush();
                }
            }
        }
        open.close();
        assertThat(open.buffer().length).isLessThan(size);
        assertThat(large.objectsOf(name))
                .singleElement()
                .satisfies(one -> assertThat(one.whole()).isTrue());
        byte[] read = new byte[1 << 20];
        WalBytes wal = large.read(1, name.start());
        for (int at = 0; at < size; at += 1 << 20) {
            assertThat(wal.read(name.start().plus(at), read, 0, read.length)).isEqualTo(read.length);
            assertThat(Arrays.equals(read, chunk)).isTrue();
        }
    }

    private void removeFirstPart() throws Exception {
        try (var files = Files.walk(folder.resolve("store"))) {
            Files.delete(files.filter(file -> file.toString().endsWith(".part"))
                    .sorted()
                    .findFirst()
                    .orElseThrow());
        }
    }

    private static void assertVanished(org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("WAL_VANISHED"));
    }

    @Test
    void aPartThatVanishesUnderTheReceiverIsNotTakenForStored() throws Exception {
        archive.storePart(segment(3), 0, bytes(3, 5000));
        OpenSegment small = new OpenSegment(archive, segment(3), new byte[0]);
        assertThat(small.durable()).isEqualTo(segment(3).start().plus(5000));
        removeFirstPart();
        assertVanished(() -> small.append(ByteBuffer.wrap(bytes(3, 1000))));
        small.close();

        int size = 128 << 20;
        WalArchive large = new WalArchive(store, "orders-large", SYSTEM, size);
        SegmentName name = new SegmentName(1, new Lsn(size), size);
        OpenSegment open = new OpenSegment(large, name, new byte[0]);
        byte[] chunk = bytes(9, 16 << 20);
        for (int at = 0; at < size - chunk.length; at += chunk.length) {
            open.append(ByteBuffer.wrap(chunk));
            open.flush();
        }
        removeFirstPart();
        open.append(ByteBuffer.wrap(chunk));
        assertVanished(open::flush);
        open.close();
        assertThat(large.objectsOf(name)).noneMatch(StoredWal::whole);
    }
}
