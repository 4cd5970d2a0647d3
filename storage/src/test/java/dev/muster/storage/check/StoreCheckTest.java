package dev.muster.storage.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreWrapper;
import dev.muster.storage.Stores;
import dev.muster.storage.local.LocalStore;
import dev.muster.storage.testing.FaultyStore;
import dev.muster.storage.testing.S3Server;
import dev.muster.storage.testing.Thorough;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCheckTest {
    /** A page, as the stores of these tests have them. */
    private static final int FEW = 20;

    @TempDir
    private Path folder;

    @Test
    @DisplayName("A sound store has no bad finding, and holds what it held before")
    void sound() {
        LocalStore store = LocalStore.open(folder);
        store.create("src/a", new ByteArrayInputStream(new byte[3]));
        CheckReport report = check(store);
        assertThat(report.items()).noneMatch(item -> item.verdict() == Verdict.BAD);
        assertThat(report.items())
                .extracting(CheckItem::name)
                .contains(
                        "reach",
                        "create",
                        "missing",
                        "clock",
                        "create-only",
                        "upload",
                        "parts",
                        "ranges",
                        "download",
                        "listing",
                        "lock",
                        "delete");
        assertThat(verdict(report, "lock")).isEqualTo(Verdict.WARN);
        assertThat(report.verdict()).isEqualTo(Verdict.WARN);
        assertThat(keys(store)).containsExactly("src/a");
    }

    @Test
    @DisplayName(
            "Repository and stores 3: a store that ignores If-None-Match is found out, also where parts are put together")
    void overwriting() {
        CheckReport report = check(new Overwriting(LocalStore.open(folder)));
        assertThat(verdict(report, "create-only")).isEqualTo(Verdict.BAD);
        assertThat(verdict(report, "parts")).isEqualTo(Verdict.BAD);
        assertThat(report.verdict()).isEqualTo(Verdict.BAD);
    }

    @Test
    @DisplayName("Repository and stores 3: a store whose listing ends after a page is found out")
    void shortListing() {
        CheckReport report = check(new StoreWrapper(LocalStore.open(folder)) {
            @Override
            public void list(String prefix, Consumer<ObjectInfo> each) {
                List<ObjectInfo> all = new ArrayList<>();
                store.list(prefix, all::add);
                all.subList(0, Math.min(10, all.size())).forEach(each);
            }
        });
        assertThat(verdict(report, "listing")).isEqualTo(Verdict.BAD);
    }

    @Test
    @DisplayName("Repository and stores 2: clocks that are far apart, and credentials that may not delete, are told of")
    void skewAndNoDeletion() {
        CheckReport report = new StoreCheck(
                        new StoreWrapper(LocalStore.open(folder)) {
                            @Override
                            public void delete(String key) {
                                throw new StoreException("STORE_DENIED", "no", "rights");
                            }
                        },
                        Clock.offset(Clock.systemUTC(), Duration.ofMinutes(20)),
                        FEW)
                .run();
        assertThat(verdict(report, "clock")).isEqualTo(Verdict.WARN);
        assertThat(verdict(report, "delete")).isEqualTo(Verdict.WARN);
        assertThat(report.items()).noneMatch(item -> item.verdict() == Verdict.BAD);
    }

    @Test
    @DisplayName("A store that cannot be reached is one bad finding, with its code")
    void unreachable() {
        CheckReport report =
                check(new FaultyStore(LocalStore.open(folder), (operation, key) -> FaultyStore.Fault.UNREACHABLE));
        assertThat(report.items()).singleElement().satisfies(item -> {
            assertThat(item.verdict()).isEqualTo(Verdict.BAD);
            assertThat(item.sentence()).contains("STORE_UNREACHABLE");
        });
    }

    @Test
    @DisplayName("A bucket with locks passes: a locked object outlives its deletion")
    void locks() {
        Optional<S3Server> server = S3Server.startVersitygw();
        Assumptions.assumeTrue(server.isPresent(), "versitygw is not on the PATH");
        try (S3Server running = server.orElseThrow()) {
            ObjectStore store = Stores.open(running.url(running.bucket(true)) + "&lock=governance&lock-days=1");
            CheckReport report = check(store);
            assertThat(verdict(report, "lock")).isEqualTo(Verdict.OK);
            // Its conditions are checked first and kept after, in two steps: a race may show that, or not.
            assertThat(report.items())
                    .noneMatch(item ->
                            item.verdict() == Verdict.BAD && !item.name().equals("create-only"));
            assertThat(keys(store)).isEmpty();
        }
    }

    @Thorough
    @Test
    @DisplayName("A server that looks and stores in two steps is found out")
    void twoSteps() {
        S3Server server = S3Server.shared();
        assertThat(verdict(check(Stores.open(server.url(server.bucket(false)))), "create-only"))
                .isEqualTo(Verdict.BAD);
    }

    private static CheckReport check(ObjectStore store) {
        return new StoreCheck(store, Clock.systemUTC(), FEW).run();
    }

    private static Verdict verdict(CheckReport report, String name) {
        return report.items().stream()
                .filter(item -> item.name().equals(name))
                .map(CheckItem::verdict)
                .findFirst()
                .orElseThrow(() -> new AssertionError(report.items().toString()));
    }

    private static List<String> keys(ObjectStore store) {
        List<String> keys = new ArrayList<>();
        store.list("", info -> keys.add(info.key()));
        return keys;
    }
}
