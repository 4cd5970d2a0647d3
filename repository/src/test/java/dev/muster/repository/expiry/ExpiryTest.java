package dev.muster.repository.expiry;

import static dev.muster.repository.expiry.ExpiringSource.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.retention.KeepMarks;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.storage.StoreException;
import dev.muster.storage.testing.TroubledStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpiryTest {
    private static final Duration DAYS = Duration.ofDays(3);

    @TempDir
    private Path directory;

    private ExpiringSource test;
    private TroubledStore store;

    /** The machine that expires, and another one that writes. */
    private Repository here;

    private Repository there;

    @BeforeEach
    void create() throws IOException {
        test = ExpiringSource.create(directory);
        store = new TroubledStore(test.store());
        here = test.open(store);
        there = test.open();
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private static RetentionPolicy last(int count) {
        return new RetentionPolicy(RetentionRules.last(count), ZoneOffset.UTC);
    }

    private Expiry expiry(int count) {
        return new Expiry(here, SOURCE, last(count), ExpirySettings.defaults());
    }

    private ExpiryResult expire(int count) {
        Expiry expiry = expiry(count);
        return expiry.apply(expiry.plan(), ExpiryProgress.NONE);
    }

    private void assertSound(String... ids) {
        assertThat(ExpiringSource.ids(there)).containsExactly(ids);
        for (String id : ids) {
            there.verify(SOURCE, id, 1).requireSound();
            Map<String, byte[]> expected = test.contents.getOrDefault(id, Map.of());
            Map<String, byte[]> restored = ExpiringSource.restore(there, id);
            assertThat(restored.keySet()).isEqualTo(expected.keySet());
            expected.forEach((name, content) ->
                    assertThat(Arrays.equals(content, restored.get(name))).isTrue());
        }
    }

    private static void assertCode(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RepositoryException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    @DisplayName("An increment outlives the backups that it took frames from; what nobody needs any more goes")
    void increments() {
        String full = test.full(there, 8, 1);
        String second = test.increment(there, full, 4, 2);
        String third = test.increment(there, second, 2, 3);
        ExpiryPlan plan = expiry(1).plan();
        assertThat(plan.expired()).containsExactly(full, second);
        assertThat(plan.freed().get(full)).satisfies(freed -> {
            assertThat(freed.neededObjects()).isEqualTo(2); // Its pack, and the map of the file that never changed.
            assertThat(freed.objects()).isEqualTo(1);
        });
        ExpiryResult result = expiry(1).apply(plan, ExpiryProgress.NONE);
        assertThat(result.expired()).containsExactly(full, second);
        assertThat(result.complete()).isTrue();
        assertSound(third);
        String fourth = test.full(there, 8, 4);
        expire(1);
        assertSound(fourth);
        assertThat(test.keys()).allMatch(key -> key.contains(fourth));
    }

    @Test
    @DisplayName("A plan changes nothing, and its hash is the same while it would delete the same")
    void planChangesNothing() {
        test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        Set<String> before = test.keys();
        ExpiryPlan plan = expiry(1).plan();
        assertThat(test.keys()).isEqualTo(before);
        test.now = test.now.plusSeconds(3_600);
        assertThat(expiry(1).plan().hash()).isEqualTo(plan.hash());
        expiry(1).apply(plan.hash(), ExpiryProgress.NONE);
        assertSound(second);
        assertCode("EXPIRY_PLAN_CHANGED", () -> expiry(1).apply(plan.hash(), ExpiryProgress.NONE));
    }

    @Test
    @DisplayName("What a plan does not name is not deleted: a plan that was overtaken is refused")
    void overtaken() {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        ExpiryPlan plan = expiry(1).plan();
        assertThat(plan.expired()).containsExactly(first);
        String third = test.full(there, 2, 3);
        Set<String> before = test.keys();
        assertCode("EXPIRY_PLAN_CHANGED", () -> expiry(1).apply(plan, ExpiryProgress.NONE));
        assertThat(test.keys()).isEqualTo(before);
        assertSound(first, second, third);
    }

    @Test
    @DisplayName("What would take everything away, or more than is allowed at a time, is refused")
    void tooMuch() {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        assertCode("RETENTION_INVALID", () -> RetentionRules.last(0));
        assertCode("RETENTION_INVALID", () -> last(1).withNewest(0));
        ExpirySettings all = ExpirySettings.defaults().withNamed(Set.of(first, second));
        assertCode("EXPIRY_OF_EVERYTHING", () -> new Expiry(here, SOURCE, last(1), all).plan());
        ExpirySettings none = ExpirySettings.defaults().withMaxBackups(0);
        assertCode("EXPIRY_TOO_LARGE", () -> new Expiry(here, SOURCE, last(1), none).plan());
        ExpirySettings unknown = ExpirySettings.defaults().withNamed(Set.of("01JD0000000000000000000000"));
        assertCode("BACKUP_UNKNOWN", () -> new Expiry(here, SOURCE, last(1), unknown).plan());
        ExpirySettings named = ExpirySettings.defaults().withNamed(Set.of(second));
        Expiry expiry = new Expiry(here, SOURCE, last(5), named);
        expiry.apply(expiry.plan(), ExpiryProgress.NONE);
        assertSound(first);
    }

    @Test
    @DisplayName("Repository and stores 2: nothing goes while a backup is being made; afterwards the rest goes")
    void runningBackup() {
        String first = test.full(there, 4, 1);
        String second = test.full(there, 4, 2);
        try (BackupWriter running = there.startBackup(ExpiringSource.request())) {
            ExpiryResult result = expire(1);
            assertThat(result.waitingFor())
                    .singleElement()
                    .satisfies(one -> assertThat(one.backup()).isEqualTo(running.id()));
            assertThat(result.objects()).isZero();
            assertSound(first, second);
            try (PackWriter pack = running.pack()) {
                byte[] content = ExpiringSource.bytes(ExpiringSource.UNIT, 7);
                running.fileOfRuns(ExpiringSource.file("a", content), ExpiringSource.runs(pack, content, 0, 1));
                test.contents.put(running.id(), Map.of("a", content));
            }
            running.commit(JsonNodeFactory.instance.objectNode());
            expire(1);
            assertSound(running.id());
        }
    }

    @Test
    @DisplayName(
            "Who may create but has no key cannot have the packs of a running backup deleted by a mark that he made up")
    void forgedMark() {
        test.full(there, 4, 1);
        try (BackupWriter running = there.startBackup(ExpiringSource.request())) {
            byte[] content = ExpiringSource.bytes(ExpiringSource.UNIT, 7);
            try (PackWriter pack = running.pack()) {
                running.fileOfRuns(ExpiringSource.file("a", content), ExpiringSource.runs(pack, content, 0, 1));
            }
            test.store()
                    .create(
                            "src/" + SOURCE + "/b/" + running.id() + "/EXPIRE-01M7ZW7330JMH31K5GSFFYNE7W",
                            new ByteArrayInputStream(new byte[200]));
            assertThat(expire(1).waitingFor()).isNotEmpty();
            running.commit(JsonNodeFactory.instance.objectNode());
            there.verify(SOURCE, running.id(), 1).requireSound();
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 2: an increment begun between the listing and the end of its parent's COMMIT keeps"
                    + " what it refers to")
    void incrementBegunMeanwhile() {
        String first = test.full(there, 8, 1);
        String second = test.full(there, 8, 2);
        ExpiryPlan plan = expiry(1).plan();
        StringBuilder increment = new StringBuilder();
        AtomicBoolean once = new AtomicBoolean();
        store.afterListing(prefix -> {
            if (prefix.startsWith("lease/") && !once.getAndSet(true)) {
                increment.append(test.increment(there, first, 1, 3));
            }
        });
        ExpiryResult result = expiry(1).apply(plan, ExpiryProgress.NONE);
        assertThat(result.expired()).containsExactly(first);
        assertSound(second, increment.toString());
        expire(1);
        assertSound(increment.toString());
    }

    @Test
    @DisplayName("Repository and stores 2: a writer that appears after the COMMITs went holds up the deletion, and the"
            + " next expiry ends it")
    void writerAppears() {
        String first = test.full(there, 8, 1);
        String second = test.full(there, 8, 2);
        ExpiryPlan plan = expiry(1).plan();
        AtomicBoolean once = new AtomicBoolean();
        BackupWriter[] running = new BackupWriter[1];
        store.afterListing(prefix -> {
            if (prefix.startsWith("lease/") && !once.getAndSet(true)) {
                running[0] = there.startBackup(ExpiringSource.request());
            }
        });
        ExpiryResult result = expiry(1).apply(plan, ExpiryProgress.NONE);
        assertThat(result.waitingFor()).hasSize(1);
        assertThat(test.keys()).anyMatch(key -> key.contains(first) && key.endsWith(".pack"));
        running[0].close();
        assertThat(there.abortBackup(SOURCE, running[0].id())).isTrue();
        assertThat(expire(1).complete()).isTrue();
        assertThat(test.keys()).noneMatch(key -> key.contains(first));
        assertSound(second);
    }

    @Test
    @DisplayName(
            "Repository and stores 2: a writer that was suspended until it was taken for dead wakes and commits nothing")
    void suspended() throws IOException {
        String first = test.full(there, 2, 1);
        try (BackupWriter suspended = there.startBackup(ExpiringSource.request())) {
            try (PackWriter pack = suspended.pack()) {
                pack.frame(new byte[] {1, 2, 3}, 0, 3);
            }
            assertThat(expire(1).waitingFor()).hasSize(1);
            test.age(DAYS);
            test.now = test.now.plus(DAYS);
            ExpiryResult result = expire(1);
            assertThat(result.aborted()).containsExactly(suspended.id());
            assertThat(result.complete()).isTrue();
            assertCode("BACKUP_ABORTED", () -> suspended.commit(JsonNodeFactory.instance.objectNode()));
            expire(1); // What the sleeper stored when it woke.
            assertThat(test.keys().stream().filter(key -> key.contains(suspended.id())))
                    .singleElement()
                    .satisfies(key -> assertThat(key).endsWith("/COMMIT"));
        }
        assertSound(first);
    }

    @Test
    @DisplayName("Repository and stores 2: a writer that commits just before it is decided against has won")
    void writerWins() throws IOException {
        String first = test.full(there, 2, 1);
        try (BackupWriter slow = there.startBackup(ExpiringSource.request())) {
            test.contents.put(slow.id(), Map.of());
            test.age(DAYS);
            test.now = test.now.plus(DAYS);
            ExpiryPlan plan = expiry(2).plan();
            assertThat(plan.cleaning())
                    .singleElement()
                    .satisfies(one -> assertThat(one.why()).isEqualTo(Cleaning.Why.DEAD));
            AtomicBoolean once = new AtomicBoolean();
            store.afterListing(prefix -> {
                if (prefix.startsWith("lease/") && !once.getAndSet(true)) {
                    slow.commit(JsonNodeFactory.instance.objectNode());
                }
            });
            ExpiryResult result = expiry(2).apply(plan, ExpiryProgress.NONE);
            assertThat(result.aborted()).isEmpty();
            assertSound(first, slow.id());
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 2: clocks that are hours off, of the writer or of who expires, take no running backup")
    void clockSkew() throws IOException {
        test.full(there, 2, 1);
        test.now = test.now.minus(Duration.ofDays(400));
        try (BackupWriter running = there.startBackup(ExpiringSource.request())) {
            test.now = test.now.plus(Duration.ofDays(800));
            ExpiryPlan plan = expiry(1).plan();
            assertThat(plan.cleaning()).hasSize(1);
            ExpiryResult result = expiry(1).apply(plan, ExpiryProgress.NONE);
            assertThat(result.waitingFor()).hasSize(1);
            assertThat(result.aborted()).isEmpty();
            running.commit(JsonNodeFactory.instance.objectNode());
        }
    }

    @Test
    @DisplayName("Repository and stores 2: an expirer whose clock is ahead makes no backup older than the store says")
    void clockAhead() {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        RetentionPolicy week = new RetentionPolicy(RetentionRules.within(Duration.ofDays(7)), ZoneOffset.UTC);
        test.now = test.now.plus(Duration.ofDays(30));
        Expiry expiry = new Expiry(here, SOURCE, week, ExpirySettings.defaults());
        ExpiryPlan plan = expiry.plan();
        assertThat(plan.expired()).containsExactly(first);
        assertThat(expiry.apply(plan, ExpiryProgress.NONE).expired()).isEmpty();
        assertSound(first, second);
    }

    @Test
    @DisplayName("Nothing is deleted if a decision, a lease, a mark, a manifest or a file map cannot be read")
    void unreadable() {
        String first = test.full(there, 8, 1);
        String second = test.increment(there, first, 1, 2);
        String third = test.increment(there, second, 1, 3);
        new KeepMarks(there, SOURCE).keep(third, "ada", "audit", Optional.empty());
        Set<String> content = content();
        for (String name : List.of(third + "/COMMIT", third + "/KEEP", third + "/manifest", "/map-0000")) {
            assertNothingGoes(key -> key.contains(name), content);
        }
        test.dead(there);
        assertNothingGoes(key -> key.startsWith("lease/"), content());
        store.makeUnreadable(key -> false);
        assertThat(ExpiringSource.ids(there)).contains(third);
    }

    private void assertNothingGoes(Predicate<String> unreadable, Set<String> content) {
        store.makeUnreadable(key -> false);
        ExpiryPlan plan = expiry(1).plan();
        store.makeUnreadable(unreadable);
        assertThatThrownBy(() -> expiry(1).plan()).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> expiry(1).apply(plan, ExpiryProgress.NONE)).isInstanceOf(StoreException.class);
        assertThat(content()).isEqualTo(content);
    }

    private Set<String> content() {
        Set<String> keys = test.keys();
        keys.removeIf(key -> !key.endsWith(".pack") && !key.contains("/map-") && !key.endsWith("/manifest"));
        return keys;
    }

    @Test
    @DisplayName(
            "Repository and stores 3: where a second creation is not refused nothing is decided against, and nothing deleted"
                    + " while a backup is undecided")
    void createOnlyIgnored() throws IOException {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        String dead = test.dead(there);
        test.age(DAYS);
        test.now = test.now.plus(DAYS);
        try (Repository careless = test.open(new OverwritingStore(test.store()))) {
            Expiry expiry = new Expiry(careless, SOURCE, last(1), ExpirySettings.defaults());
            ExpiryResult result = expiry.apply(expiry.plan(), ExpiryProgress.NONE);
            assertThat(result.waitingFor())
                    .singleElement()
                    .satisfies(one -> assertThat(one.backup()).isEqualTo(dead));
            assertThat(result.objects()).isZero();
            assertSound(first, second);
            assertThat(there.abortBackup(SOURCE, dead)).isTrue();
            expiry.apply(expiry.plan(), ExpiryProgress.NONE);
            assertSound(second);
        }
    }

    @Test
    @DisplayName("Repository and stores 6: what is under lock stays, is told of, and goes when the lock has ended")
    void locked() {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        ExpiryResult result = expireWhileLocked(key -> key.endsWith(".pack"));
        assertThat(result.locked())
                .singleElement()
                .satisfies(key -> assertThat(key).contains(first).endsWith(".pack"));
        assertThat(result.complete()).isFalse();
        assertThat(expire(1).complete()).isTrue();
        assertThat(test.keys()).noneMatch(key -> key.contains(first));
        String third = test.full(there, 2, 3);
        assertThat(expireWhileLocked(key -> key.startsWith("lease/")).objects()).isEqualTo(1); // Its COMMIT.
        assertThat(test.keys()).anyMatch(key -> key.contains(second) && key.endsWith("/manifest"));
        expire(1);
        assertThat(test.keys()).noneMatch(key -> key.contains(second));
        assertSound(third);
    }

    private ExpiryResult expireWhileLocked(Predicate<String> keys) {
        try (Repository refusing = test.open(new RefusingStore(test.store(), keys))) {
            Expiry expiry = new Expiry(refusing, SOURCE, last(1), ExpirySettings.defaults());
            return expiry.apply(expiry.plan(), ExpiryProgress.NONE);
        }
    }

    @Test
    @DisplayName("A deletion that the store refuses is no error and no success")
    void refused() {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        try (Repository refusing = test.open(new RefusingStore(test.store(), key -> key.endsWith("/COMMIT")))) {
            Expiry expiry = new Expiry(refusing, SOURCE, last(1), ExpirySettings.defaults());
            ExpiryResult result = expiry.apply(expiry.plan(), ExpiryProgress.NONE);
            assertThat(result.spared()).containsExactly(first);
            assertThat(result.locked())
                    .singleElement()
                    .satisfies(key -> assertThat(key).endsWith("/COMMIT"));
        }
        assertSound(first, second);
        assertThat(test.keys()).noneMatch(key -> key.contains("/EXPIRE-"));
    }

    @Test
    @DisplayName("A mark keeps a backup until it is taken away or ends, and says who and why")
    void marks() {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        KeepMarks marks = new KeepMarks(there, SOURCE);
        var mark = marks.keep(first, "ada", "audit 2026", Optional.of(test.now.plus(Duration.ofDays(1))));
        var other = marks.keep(first, "bob", "a second reason", Optional.empty());
        ExpiryPlan plan = expiry(1).plan();
        assertThat(plan.expired()).isEmpty();
        assertThat(plan.verdicts().get(0).reasons())
                .anySatisfy(reason -> assertThat(reason.text()).contains("ada").contains("audit 2026"));
        assertThat(marks.of(first)).containsExactlyInAnyOrder(mark, other);
        marks.unkeep(first, other.mark());
        assertThat(marks.of(first)).containsExactly(mark);
        assertThat(expiry(1).plan().expired()).isEmpty();
        test.now = test.now.plus(Duration.ofDays(2));
        assertThat(expiry(1).plan().expired()).containsExactly(first);
        assertThat(marks.unkeep(first)).isEqualTo(1);
        expire(1);
        assertSound(second);
        assertCode("BACKUP_UNKNOWN", () -> marks.keep(first, "ada", "too late", Optional.empty()));
        assertCode("MARK_INVALID", () -> marks.keep(second, "ada", " ", Optional.empty()));
        assertCode("MARK_INVALID", () -> marks.keep(second, "ada", "ended", Optional.of(test.now)));
    }

    @Test
    @DisplayName("Repository and stores 2: a mark made on another machine during the expiry either holds or is refused")
    void markedMeanwhile() {
        test.full(there, 2, 1);
        test.full(there, 2, 2);
        KeepMarks marks = new KeepMarks(there, SOURCE);
        int held = 0;
        for (int listing = 1; listing <= 12; listing++) {
            String old = ExpiringSource.ids(there).get(0);
            ExpiryPlan plan = expiry(1).plan();
            int[] left = {listing};
            boolean[] kept = new boolean[1];
            store.afterListing(prefix -> {
                if (--left[0] == 0) {
                    try {
                        marks.keep(old, "ada", "wanted", Optional.empty());
                        kept[0] = true;
                    } catch (RepositoryException refused) {
                        assertThat(refused.code()).isIn("BACKUP_EXPIRING", "BACKUP_UNKNOWN");
                    }
                }
            });
            if (!plan.expired().isEmpty()) {
                ExpiryResult result = expiry(1).apply(plan, ExpiryProgress.NONE);
                if (left[0] <= 0) {
                    held += kept[0] ? 1 : 0;
                    assertThat(ExpiringSource.ids(there).contains(old)).isEqualTo(kept[0]);
                    assertThat(result.expired().contains(old)).isEqualTo(!kept[0]);
                }
            }
            store.afterListing(prefix -> {});
            ExpiringSource.ids(there).forEach(marks::unkeep);
            test.full(there, 2, listing + 10);
        }
        assertThat(held).as("of 12 moments").isBetween(2, 10);
    }

    @Test
    @DisplayName(
            "Repository and stores 2: an expiry that was suspended for days after its mark takes nothing whose mark"
                    + " another one has taken away and that somebody keeps since")
    void expirySuspended() {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        ExpiryPlan plan = expiry(1).plan();
        AtomicBoolean once = new AtomicBoolean();
        store.afterListing(prefix -> {
            if (test.keys().stream().anyMatch(key -> key.contains("/EXPIRE-")) && !once.getAndSet(true)) {
                daysPass();
                Expiry other = new Expiry(there, SOURCE, last(5), ExpirySettings.defaults());
                other.apply(other.plan(), ExpiryProgress.NONE);
                new KeepMarks(there, SOURCE).keep(first, "ada", "audit", Optional.empty());
            }
        });
        ExpiryResult result = expiry(1).apply(plan, ExpiryProgress.NONE);
        assertThat(once).isTrue();
        assertThat(result.spared()).containsExactly(first);
        assertSound(first, second);
    }

    private void daysPass() {
        try {
            test.age(DAYS);
            test.now = test.now.plus(DAYS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 2, clock skew: a backup is newer than the one it was made against, also when the"
                    + " clock was set back between them")
    void clockSetBack() {
        String first = test.full(there, 8, 1);
        test.now = test.now.minus(DAYS);
        String second = test.increment(there, first, 2, 2);
        test.now = test.now.plus(DAYS);
        expire(1);
        assertSound(second);
    }

    @Test
    @DisplayName("What has neither decision nor lease is left alone until nothing was stored there for long")
    void leftover() throws IOException {
        String first = test.full(there, 2, 1);
        String dead = test.dead(there);
        test.store().delete("lease/host-1/" + dead);
        assertThat(expire(1).waitingFor())
                .singleElement()
                .satisfies(one -> assertThat(one.backup()).isEqualTo(dead));
        test.age(DAYS);
        test.now = test.now.plus(DAYS);
        assertThat(expiry(1).plan().cleaning())
                .singleElement()
                .satisfies(one -> assertThat(one.why()).isEqualTo(Cleaning.Why.LEFTOVER));
        expire(1);
        assertThat(test.keys()).noneMatch(key -> key.contains(dead));
        assertSound(first);
    }

    @Test
    @DisplayName(
            "Repository and stores 2: packs of a dead backup are used again only before an expiry began on it, and the expiry"
                    + " waits for who does")
    void deadUsedAgain() throws IOException {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        String dead = test.dead(there);
        assertThat(mayUse(dead)).isTrue();
        assertThat(mayUse(first)).isFalse();
        test.age(DAYS);
        test.now = test.now.plus(DAYS);
        ExpiryPlan plan = expiry(1).plan();
        boolean[] used = new boolean[2];
        AtomicBoolean once = new AtomicBoolean();
        store.afterListing(prefix -> {
            // While the first of two has its mark and still its lease: only the mark says that it goes.
            if (prefix.startsWith("lease/")
                    && test.keys().stream().anyMatch(key -> key.contains("/EXPIRE-"))
                    && !once.getAndSet(true)) {
                used[0] = mayUse(first);
                used[1] = mayUse(dead);
            }
        });
        assertThat(expiry(1).apply(plan, ExpiryProgress.NONE).complete()).isTrue();
        assertThat(once).isTrue();
        assertThat(used).containsExactly(false, false);
        assertThat(mayUse(first)).isFalse();
        assertSound(second);
    }

    /** As a backup does that has just begun; it leaves nothing behind that an expiry would wait for. */
    private boolean mayUse(String backup) {
        BackupRequest request =
                new BackupRequest(SOURCE, BackupKind.FULL, "resumed", JsonNodeFactory.instance.objectNode());
        try (BackupWriter writer = there.startBackup(request)) {
            boolean used = there.unfinished(writer).ids().contains(backup);
            there.store().delete(Paths.lease("resumed", writer.id()));
            return used;
        }
    }

    @Test
    @DisplayName("Repository and stores 2: a mark is refused if the whole expiry passed since its backup was looked at")
    void markedTooLate() {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        try (Repository slow = test.open(new InterruptedStore(test.store(), key -> {
            if (key.contains("/KEEP-")) {
                expire(1);
            }
        }))) {
            KeepMarks marks = new KeepMarks(slow, SOURCE);
            assertCode("BACKUP_UNKNOWN", () -> marks.keep(first, "ada", "wanted", Optional.empty()));
        }
        assertSound(second);
        assertThat(test.keys()).noneMatch(key -> key.contains(first));
    }

    @Test
    @DisplayName(
            "Repository and stores 2: two expiries at once, with other rules, take nothing that either keeps and needs")
    void twoAtOnce() {
        for (int listing = 1; listing <= 7; listing++) {
            String full = test.full(there, 4, listing);
            String increment = test.increment(there, full, 1, listing + 100);
            String newest = test.increment(there, increment, 1, listing + 200);
            ExpiryPlan plan = expiry(1).plan();
            int[] left = {listing};
            store.afterListing(prefix -> {
                if (--left[0] == 0) {
                    Expiry other = new Expiry(there, SOURCE, last(2), ExpirySettings.defaults());
                    other.apply(other.plan(), ExpiryProgress.NONE);
                }
            });
            try {
                expiry(1).apply(plan, ExpiryProgress.NONE);
            } catch (RepositoryException | StoreException overtaken) {
                assertThat(left[0]).as("fails only because of the other").isNotPositive();
            }
            store.afterListing(prefix -> {});
            assertThat(ExpiringSource.ids(there)).contains(newest);
            ExpiringSource.ids(there).forEach(id -> there.verify(SOURCE, id, 1).requireSound());
            expire(1);
            assertSound(newest);
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 1: on a full disk an expiry makes the little room that it needs, of what it takes away")
    void fullDisk() {
        String first = test.full(there, 2, 1);
        String second = test.full(there, 2, 2);
        try (Repository full = test.open(new InterruptedStore(test.store(), key -> {
            if (test.keys().contains("lease/host-1/" + first)) {
                throw new StoreException("STORE_FULL", "No space left on device for " + key, "Free space.");
            }
        }))) {
            Expiry expiry = new Expiry(full, SOURCE, last(1), ExpirySettings.defaults());
            assertThat(expiry.apply(expiry.plan(), ExpiryProgress.NONE).expired())
                    .containsExactly(first);
        }
        assertSound(second);
        assertThat(test.keys()).contains("lease/host-1/" + second).noneMatch(key -> key.contains(first));
    }
}
