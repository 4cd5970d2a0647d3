package dev.muster.repository.proof;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.retention.KeepMarks;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.repository.verification.BackupResult;
import dev.muster.repository.verification.Budget;
import dev.muster.repository.verification.LevelResult;
import dev.muster.repository.verification.VerifiedObjects;
import dev.muster.repository.verification.VerifiedObjectsFile;
import dev.muster.repository.verification.Verifier;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreLookTest {
    private static final Instant MONDAY = Instant.parse("2026-11-16T03:00:00Z");
    private static final Instant TUESDAY = MONDAY.plus(Duration.ofDays(1));
    private static final Budget ONE_OBJECT = new Budget(1, Duration.ofHours(1));

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

    private Path state() {
        return directory.resolve("verified");
    }

    private Verifier verifier(Instant now) {
        return new Verifier(small.repository, Clock.fixed(now, ZoneOffset.UTC), 2);
    }

    private LevelResult readBytes(Instant now, Budget budget) {
        try (VerifiedObjects state = VerifiedObjectsFile.open(state(), small.repository)) {
            return verifier(now).verifyContent(state, budget).levels().get(0);
        }
    }

    private StoreLook.Found look() {
        return new StoreLook(small.repository, SOURCE, 10)
                .look(new StoreLook.Depth(verifier(TUESDAY), state(), 2), backup -> {});
    }

    private Map<String, StoredCopy> copies() {
        return look().copies().stream()
                .collect(Collectors.toMap(copy -> copy.backup().id(), Function.identity()));
    }

    private Optional<Instant> readSince(CommittedBackup backup) {
        return java.util.Objects.requireNonNull(copies().get(backup.id()))
                .content()
                .flatMap(ContentResult::since);
    }

    private ContentResult after(LevelResult look, CommittedBackup backup) {
        try (ContentProof proof = ContentProof.of(small.repository, SOURCE, state(), look.problems(), 2)) {
            return proof.of(backup);
        }
    }

    @Test
    @DisplayName(
            "A backup counts as read to the last byte once all objects that it needs were, and since the oldest look")
    void readWhole() {
        assertThat(readSince(increment)).isEmpty();
        while (readSince(increment).isEmpty()) {
            LevelResult look = readBytes(MONDAY, ONE_OBJECT);
            assertThat(after(look, increment).problemCount()).isZero();
            assertThat(look.complete()).as("it comes to its end").isFalse();
        }
        readBytes(TUESDAY, Budget.UNLIMITED);
        assertThat(readSince(increment)).contains(TUESDAY);
        assertThat(readSince(full)).contains(TUESDAY);
    }

    @Test
    @DisplayName("A damaged pack is a problem of each backup that needs it, and its older sound look no longer counts")
    void damaged() {
        readBytes(MONDAY, Budget.UNLIMITED);
        String pack = ObjectName.pack(SOURCE, full.id(), 0);
        small.store.bytes(pack)[70] ^= 1;
        LevelResult look = readBytes(TUESDAY, Budget.UNLIMITED);
        for (CommittedBackup backup : List.of(full, increment)) {
            ContentResult result = after(look, backup);
            assertThat(result.problemCount()).isEqualTo(1);
            assertThat(result.first().orElseThrow().object()).isEqualTo(pack);
            assertThat(readSince(backup))
                    .as("also for who knows the store only")
                    .isEmpty();
        }
        small.store.bytes(pack)[70] ^= 1;
        LevelResult mended = readBytes(TUESDAY.plusSeconds(60), ONE_OBJECT);
        assertThat(mended.objects()).as("it is the first to be looked at").isEqualTo(1);
        assertThat(after(mended, increment).since()).contains(TUESDAY);
    }

    @Test
    @DisplayName("The state can be read while a look is writing it")
    void readWhileWritten() {
        readBytes(MONDAY, Budget.UNLIMITED);
        try (VerifiedObjects state = VerifiedObjectsFile.open(state(), small.repository)) {
            small.store.list("src/", object -> state.verified(object, TUESDAY));
            assertThat(readSince(full)).contains(TUESDAY);
            try (VerifiedObjects.Reading reading = state.read()) {
                small.store.list("src/", reading::verifiedAt);
                assertThat(readSince(full)).contains(TUESDAY);
                reading.end();
            }
            assertThat(readSince(full)).contains(TUESDAY);
        }
    }

    @Test
    @DisplayName("Repository and stores 6: a store that lacks an ancestor's pack has no whole copy of either backup")
    void lacksPack() {
        String pack = ObjectName.pack(SOURCE, full.id(), 0);
        small.store.delete(pack);
        assertThat(look().copies()).hasSize(2).allSatisfy(copy -> {
            BackupResult listing = copy.listing().orElseThrow();
            assertThat(listing.sound()).isFalse();
            assertThat(listing.first().orElseThrow().object()).isEqualTo(pack);
            assertThat(copy.content()).isEmpty();
        });
    }

    @Test
    @DisplayName("A backup whose COMMIT cannot be read is named, and what is not found is not taken for gone")
    void unreadable() {
        String commit = ObjectName.commit(SOURCE, full.id());
        small.store.bytes(commit)[70] ^= 1;
        StoreLook.Found found = look();
        assertThat(found.copies()).extracting(copy -> copy.backup().id()).containsExactly(increment.id());
        assertThat(found.unreadable()).singleElement().asString().contains("OBJECT_DAMAGED", commit);
        assertThat(found.whole()).isFalse();
    }

    @Test
    @DisplayName("Marks are told with who made them and why, also one that nobody can read")
    void marks() {
        KeepMarks marks = new KeepMarks(small.repository, SOURCE);
        String readable =
                marks.keep(full.id(), "kim", "the audit", Optional.empty()).mark();
        String damaged =
                marks.keep(increment.id(), "kim", "so", Optional.empty()).mark();
        small.store.bytes("src/" + SOURCE + "/b/" + increment.id() + "/KEEP-" + damaged)[70] ^= 1;
        StoreLook.Found found = new StoreLook(small.repository, SOURCE, 10).look(null, backup -> {});
        assertThat(found.whole()).isTrue();
        assertThat(found.copies()).extracting(copy -> copy.backup().id()).containsExactly(increment.id(), full.id());
        assertThat(found.copies().get(1).marks()).singleElement().satisfies(mark -> {
            assertThat(mark.id()).isEqualTo(readable);
            assertThat(mark.by()).isEqualTo("kim");
            assertThat(mark.why()).isEqualTo("the audit");
        });
        assertThat(found.copies().get(0).marks())
                .singleElement()
                .satisfies(mark -> assertThat(mark.why()).startsWith("OBJECT_DAMAGED"));
        assertThat(new StoreLook(small.repository, SOURCE, 1)
                        .look(null, backup -> {})
                        .whole())
                .as("the older one was not looked at")
                .isFalse();
    }
}
