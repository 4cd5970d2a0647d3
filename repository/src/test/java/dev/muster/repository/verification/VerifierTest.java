package dev.muster.repository.verification;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupReader;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.storage.ObjectInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifierTest {
    private static final Instant MONDAY = Instant.parse("2026-11-16T03:00:00Z");

    @TempDir
    private Path directory;

    private SmallRepository small;
    private CommittedBackup full;
    private CommittedBackup increment;

    @BeforeEach
    void create() {
        small = SmallRepository.filled(directory);
        List<CommittedBackup> backups = small.repository.backups(SOURCE);
        full = backups.get(0);
        increment = backups.get(1);
    }

    @AfterEach
    void close() {
        small.close();
    }

    private Verifier verifier(Instant now) {
        return new Verifier(small.repository, Clock.fixed(now, ZoneOffset.UTC), 2);
    }

    private LevelResult look(Level level) {
        Verifier verifier = verifier(MONDAY);
        return verifier.verify(level, verifier.sources()).levels().get(0);
    }

    private LevelResult content(Instant now, Budget budget) {
        try (VerifiedObjects state = VerifiedObjectsFile.open(directory.resolve("verified"), small.repository)) {
            return verifier(now).verifyContent(state, budget).levels().get(0);
        }
    }

    @Test
    @DisplayName("A sound repository is sound at each level, and the report says how much was looked at")
    void sound() {
        LevelResult listing = look(Level.LISTING);
        assertThat(listing.problems()).isEmpty();
        assertThat(listing.backups()).isEqualTo(2);
        assertThat(listing.files()).isEqualTo(8);
        LevelResult indexes = look(Level.INDEXES);
        assertThat(indexes.problems()).isEmpty();
        assertThat(indexes.objects()).isGreaterThan(listing.objects());
        LevelResult content = content(MONDAY, Budget.UNLIMITED);
        assertThat(content.problems()).isEmpty();
        assertThat(content.complete()).isTrue();
        long below = small.store.keys().stream()
                .filter(key -> key.startsWith("src/"))
                .count();
        assertThat(content.objects()).isEqualTo(below);
        assertThat(content.coverage()).contains(new Coverage(below, 0, Optional.of(MONDAY)));
    }

    @Test
    @DisplayName(
            "Repository and stores 6: an ancestor's pack that is gone is found by listing, with each file that needs it")
    void ancestorsPackGone() {
        String pack = ObjectName.pack(SOURCE, full.id(), 0);
        small.store.delete(pack);
        LevelResult result = look(Level.LISTING);
        assertThat(result.problems()).allSatisfy(problem -> {
            assertThat(problem.code()).isEqualTo("OBJECT_MISSING");
            assertThat(problem.object()).isEqualTo(pack);
        });
        assertThat(result.problems())
                .extracting(problem -> problem.file().orElseThrow())
                .contains("base/table", "base/unchanged");
        assertThat(verifier(MONDAY).verifyBackup(Level.LISTING, increment).sound())
                .isFalse();
    }

    @Test
    @DisplayName("Each object of a committed backup that is gone or cut to nothing is found by listing and named")
    void eachGone() {
        for (String key : small.store.keys()) {
            if (!(ObjectName.of(key) instanceof ObjectName.OfBackup) || key.endsWith("/COMMIT")) {
                continue;
            }
            byte[] bytes = small.store.bytes(key);
            small.store.delete(key);
            assertThat(look(Level.LISTING).problems())
                    .as(key + " gone")
                    .isNotEmpty()
                    .anySatisfy(problem -> assertThat(problem.message()).contains(key));
            small.store.replace(key, new byte[0]);
            assertThat(look(Level.LISTING).problems()).as(key + " empty").isNotEmpty();
            small.store.replace(key, bytes);
        }
        assertThat(look(Level.LISTING).problems()).isEmpty();
    }

    @Test
    @DisplayName(
            "A map object that is cut short is found by listing though another backup's map of equal content is whole")
    void equalMapCut() {
        BackupReader reader = small.repository.backup(SOURCE, full.id());
        BackupRequest request =
                new BackupRequest(SOURCE, BackupKind.INCREMENTAL, "host-1", JsonNodeFactory.instance.objectNode());
        String touched;
        try (BackupWriter backup = small.repository.startBackup(request.withParent(full.id()))) {
            // As for a file that was only touched: its runs are the ancestor's, its map is written anew.
            reader.entries(entry -> {
                if (!entry.maps().isEmpty()) {
                    backup.fileOfRuns(
                            Entry.file(entry.path(), 0600, entry.size()),
                            reader.runs(entry).toList());
                }
            });
            touched = backup.commit(JsonNodeFactory.instance.objectNode()).id();
        }
        assertThat(look(Level.LISTING).sound()).isTrue();
        String map = ObjectName.map(SOURCE, touched, 0);
        small.store.replace(map, Arrays.copyOf(small.store.bytes(map), small.store.bytes(map).length - 1));
        assertThat(look(Level.LISTING).problems())
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem.object()).isEqualTo(map));
    }

    @Test
    @DisplayName("A pack whose index cannot be read passes the listing and is found by the look at indexes")
    void indexDamaged() {
        String pack = ObjectName.pack(SOURCE, increment.id(), 0);
        byte[] bytes = small.store.bytes(pack);
        bytes[bytes.length - 1] ^= 1;
        assertThat(look(Level.LISTING).problems()).isEmpty();
        assertThat(look(Level.INDEXES).problems()).isNotEmpty().allSatisfy(problem -> {
            assertThat(problem.code()).isEqualTo("OBJECT_DAMAGED");
            assertThat(problem.object()).isEqualTo(pack);
        });
    }

    @Test
    @DisplayName("Two segments of one name and different content are a conflict, and both are named")
    void conflict() {
        byte[] other = new byte[SmallRepository.SEGMENT_SIZE];
        other[5] = 7;
        String key = small.segment(1, other);
        assertThat(look(Level.LISTING).problems()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo("WAL_CONFLICT");
            assertThat(small.walContents().keySet().stream().filter(problem.message()::contains))
                    .hasSize(2)
                    .contains(key);
        });
    }

    @Test
    @DisplayName("Parts that overlap and differ are a conflict, found by the look at indexes")
    void overlapDiffers() {
        small.part(2, 90, SmallRepository.random(30, 99));
        assertThat(look(Level.LISTING).problems()).isEmpty();
        assertThat(look(Level.INDEXES).problems())
                .hasSize(2)
                .allSatisfy(problem -> assertThat(problem.code()).isEqualTo("WAL_CONFLICT"));
    }

    @Test
    @DisplayName("A segment of another length than the cluster's is found by the look at indexes")
    void segmentSize() {
        String key = small.segment(5, new byte[SmallRepository.SEGMENT_SIZE * 2]);
        assertThat(look(Level.INDEXES).problems()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo("WAL_SIZES_DIFFER");
            assertThat(problem.message()).contains(".seg");
        });
        assertThat(key).endsWith(".seg");
    }

    @Test
    @DisplayName("WAL whose content is not what its name says is found by the look at content")
    void wrongName() {
        String wrong = "src/" + SOURCE + "/wal/7300000000000000001/00000003-0123456789abcdef.history";
        byte[] content = "1\t0/5\tx\n".getBytes(StandardCharsets.US_ASCII);
        small.repository.writeFramed(ObjectType.WAL_HISTORY, wrong, content, 0, content.length);
        assertThat(look(Level.INDEXES).problems()).isEmpty();
        assertThat(content(MONDAY, Budget.UNLIMITED).problems()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo("WAL_NAME_WRONG");
            assertThat(problem.object()).isEqualTo(wrong);
        });
    }

    @Test
    @DisplayName("A look at content goes on where the last one ended, and has had every object before it has one twice")
    void rolling() {
        long objects = small.store.keys().stream()
                .filter(key -> key.startsWith("src/"))
                .count();
        long seen = 0;
        int looks = 0;
        while (seen < objects) {
            LevelResult result = content(MONDAY.plus(Duration.ofDays(looks)), new Budget(1_500, Duration.ofHours(1)));
            assertThat(result.objects()).isPositive();
            seen += result.objects();
            assertThat(result.coverage().orElseThrow().never()).isEqualTo(Math.max(0, objects - seen));
            if (seen < objects) {
                assertThat(result.coverage().orElseThrow().oldest()).contains(MONDAY);
            }
            looks++;
        }
        assertThat(looks).isGreaterThan(3);
        LevelResult again = content(MONDAY.plus(Duration.ofDays(looks)), new Budget(1, Duration.ofHours(1)));
        assertThat(again.objects()).isEqualTo(1);
        assertThat(again.complete()).isFalse();
    }

    @Test
    @DisplayName("A damaged object is looked at first, each time, until it is mended")
    void damagedFirst() {
        content(MONDAY, Budget.UNLIMITED);
        String pack = ObjectName.pack(SOURCE, increment.id(), 0);
        small.store.bytes(pack)[70] ^= 1;
        Instant later = MONDAY.plus(Duration.ofDays(1));
        assertThat(content(later, Budget.UNLIMITED).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.object()).isEqualTo(pack));
        small.store.bytes(pack)[70] ^= 1;
        LevelResult mended = content(later.plus(Duration.ofDays(1)), Budget.UNLIMITED);
        assertThat(mended.sound()).isTrue();
        assertThat(mended.complete()).isTrue();
    }

    @Test
    @DisplayName(
            "Repository and stores 4: what was put in an object's place since it was found sound is looked at first")
    void replaced() {
        content(MONDAY, Budget.UNLIMITED);
        Instant later = MONDAY.plus(Duration.ofDays(1));
        content(later, new Budget(1, Duration.ofHours(1)));
        String pack = ObjectName.pack(SOURCE, full.id(), 0);
        byte[] other = small.store.bytes(pack).clone();
        other[other.length - 1] ^= 1;
        small.store.replace(pack, other);
        LevelResult found = content(later.plus(Duration.ofDays(1)), new Budget(1, Duration.ofHours(1)));
        assertThat(found.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.object()).isEqualTo(pack));
        assertThat(found.coverage().orElseThrow().never()).isEqualTo(1);
    }

    @Test
    @DisplayName("Repository and stores 2: a clock that was a year ahead does not keep objects from being looked at")
    void clockAhead() {
        content(MONDAY.plus(Duration.ofDays(365)), Budget.UNLIMITED);
        LevelResult now = content(MONDAY, Budget.UNLIMITED);
        assertThat(now.complete()).isTrue();
        assertThat(now.objects()).isEqualTo(now.coverage().orElseThrow().objects());
        assertThat(now.coverage().orElseThrow().oldest()).contains(MONDAY);
    }

    @Test
    @DisplayName("Repository and stores 1: a torn line in the state costs one look, and what is gone is forgotten")
    void tornState() throws IOException {
        content(MONDAY, new Budget(3_000, Duration.ofHours(1)));
        Path journal = directory.resolve("verified.journal");
        try (VerifiedObjects state = VerifiedObjectsFile.open(directory.resolve("verified"), small.repository)) {
            state.verified(new ObjectInfo("src/" + SOURCE + "/gone", 1, MONDAY), MONDAY);
        }
        Files.writeString(journal, "2026-11-1", StandardOpenOption.APPEND);
        LevelResult rest = content(MONDAY.plus(Duration.ofDays(1)), Budget.UNLIMITED);
        assertThat(rest.complete()).isTrue();
        assertThat(rest.sound()).isTrue();
        assertThat(Files.readString(directory.resolve("verified")))
                .doesNotContain("/gone")
                .contains(ObjectName.pack(SOURCE, full.id(), 0));
        assertThat(journal).doesNotExist();
    }

    @Test
    @DisplayName("What was verified in one store says nothing of another: its state is refused")
    void otherStore() {
        content(MONDAY, Budget.UNLIMITED);
        try (var copy = small.open(small.store.copy("replica"))) {
            assertThatThrownBy(() -> VerifiedObjectsFile.open(directory.resolve("verified"), copy))
                    .isInstanceOfSatisfying(
                            RepositoryException.class, e -> assertThat(e.code()).isEqualTo("VERIFY_STATE_OTHER"));
        }
        try (VerifiedObjects state = VerifiedObjectsFile.open(directory.resolve("verified"), small.repository)) {
            assertThat(state).isNotNull();
            assertThatThrownBy(() -> VerifiedObjectsFile.open(directory.resolve("verified"), small.repository))
                    .isInstanceOfSatisfying(
                            RepositoryException.class, e -> assertThat(e.code()).isEqualTo("VERIFY_STATE_IN_USE"));
        }
    }

    @Test
    @DisplayName("The report as JSON names level, object and file, and takes a restore test's result beside them")
    void json() {
        small.store.delete(ObjectName.pack(SOURCE, increment.id(), 0));
        Verifier verifier = verifier(MONDAY);
        VerificationReport report = verifier.verify(Level.LISTING, List.of(SOURCE))
                .with(new RestoreTest("restore/1", SOURCE, full.id(), MONDAY, true, "The copy started."));
        assertThat(report.sound()).isFalse();
        var json = report.toJson();
        assertThat(json.path("levels").path(0).path("level").asText()).isEqualTo("listing");
        assertThat(json.path("levels")
                        .path(0)
                        .path("problems")
                        .path(0)
                        .path("file")
                        .asText())
                .isNotEmpty();
        assertThat(json.path("levels").path(1).path("level").asText()).isEqualTo("restore");
        assertThatThrownBy(report::requireSound).isInstanceOf(RepositoryException.class);
    }

    @Test
    @DisplayName("A damaged key slot is named though another one opens the repository")
    void slot() {
        String slot = small.store.keys().stream()
                .filter(key -> key.startsWith("keys/"))
                .findFirst()
                .orElseThrow();
        String other = slot.substring(0, slot.length() - 1) + (slot.endsWith("0") ? "1" : "0");
        small.store.replace(other, Arrays.copyOf(small.store.bytes(slot), 100));
        assertThat(look(Level.LISTING).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.object()).isEqualTo(other));
    }
}
