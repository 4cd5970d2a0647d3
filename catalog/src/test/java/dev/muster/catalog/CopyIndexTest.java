package dev.muster.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyIndexTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.123456Z");
    private static final String ONE = "01KAJ7ZQ5V3M9X2W8R4T000001";
    private static final String TWO = "01KAJ7ZQ5V3M9X2W8R4T000002";

    private static CatalogDatabase database;
    private static Catalog catalog;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        database = CatalogDatabase.migrated(folder);
        catalog = Catalog.open(database.settings());
    }

    @AfterAll
    static void end() {
        catalog.close();
        database.close();
    }

    @BeforeEach
    void empty() throws Exception {
        database.execute("truncate index.repository, index.backup_copy, index.keep_mark, record.backup_proof");
    }

    private static IndexedCopy copy(String id, Instant seen, IndexedMark... marks) {
        return new IndexedCopy(
                new IndexedBackup(
                        id,
                        "full",
                        "7512345678901234567",
                        180_006,
                        1,
                        "0/4000028",
                        id.equals(TWO) ? "1/0" : "0/F000000",
                        NOON,
                        NOON.plusSeconds(30),
                        12),
                NOON.plusSeconds(31),
                seen,
                List.of(marks));
    }

    private static RepositoryIndex seen(String repository, Instant at, IndexedCopy... copies) {
        return new RepositoryIndex("orders", "main", repository, "file:///" + repository, at, List.of(copies));
    }

    private static List<RepositoryIndex> index() {
        return catalog.copies().of("orders");
    }

    @Test
    @DisplayName("Repository and stores 5: each repository's copies are told with their marks, as they were seen")
    void asSeen() {
        IndexedMark mark = new IndexedMark("01KAJ7ZQ5V3M9X2W8R4T00000M", "kim", "the audit", NOON, null);
        RepositoryIndex primary = seen("primary", NOON, copy(TWO, NOON), copy(ONE, NOON, mark));
        RepositoryIndex offsite = seen("offsite", NOON, copy(ONE, NOON));
        assertThat(catalog.copies().keep(primary, true)).isTrue();
        assertThat(catalog.copies().keep(offsite, true)).isTrue();
        assertThat(catalog.copies().keep(primary, true)).as("again").isTrue();
        assertThat(index()).containsExactly(offsite, primary);
        assertThat(catalog.copies().of("billing")).isEmpty();
    }

    @Test
    @DisplayName("A mark that has ended keeps nothing and is not told")
    void endedMark() {
        IndexedMark ended = new IndexedMark("01KAJ7ZQ5V3M9X2W8R4T00000M", "kim", "it was", NOON, Instant.EPOCH);
        catalog.copies().keep(seen("primary", NOON, copy(ONE, NOON, ended)), true);
        assertThat(index()).containsExactly(seen("primary", NOON, copy(ONE, NOON)));
    }

    @Test
    @DisplayName("Repository and stores 5: a backup is forgotten only where a look at the whole store did not see it")
    void forgotten() {
        IndexedMark mark = new IndexedMark("01KAJ7ZQ5V3M9X2W8R4T00000M", "kim", "the audit", NOON, null);
        catalog.copies().keep(seen("primary", NOON, copy(TWO, NOON), copy(ONE, NOON, mark)), true);
        catalog.copies().keep(seen("offsite", NOON, copy(ONE, NOON)), true);

        Instant later = NOON.plusSeconds(60);
        catalog.copies().keep(seen("primary", later, copy(TWO, later)), false);
        assertThat(index().get(1).copies())
                .extracting(IndexedCopy::seenAt)
                .as("a look that did not see everything")
                .containsExactly(later, NOON);
        catalog.copies().keep(seen("primary", later, copy(TWO, later)), true);
        assertThat(index().get(1).copies()).containsExactly(copy(TWO, later));
        assertThat(index().get(0).copies()).as("another repository").hasSize(1);
        assertThat(catalog.copies().keep(seen("primary", NOON, copy(ONE, NOON)), true))
                .as("an older look that comes late")
                .isFalse();
        assertThat(index().get(1).copies()).containsExactly(copy(TWO, later));
    }

    @Test
    @DisplayName("Repository and stores 2: a look by a clock that was a year ahead does not keep later looks away")
    void clockAhead() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS).minusSeconds(60);
        Instant ahead = now.plus(Duration.ofDays(365));
        catalog.copies().keep(seen("primary", ahead, copy(TWO, ahead), copy(ONE, ahead)), true);
        assertThat(catalog.copies().keep(seen("primary", now, copy(TWO, now)), true))
                .isTrue();
        assertThat(index()).containsExactly(seen("primary", now, copy(TWO, now)));
    }

    private static BackupProof sound(ProofLevel level, Instant at) {
        return BackupProof.sound("primary", ONE, level, at, at, "01KAJ7ZQ5V3M9X2W8R4T0000RN");
    }

    private static BackupProof problem(ProofLevel level, Instant at) {
        return BackupProof.unsound(
                "primary", ONE, level, at, 3, "OBJECT_DAMAGED", "src/x/p-1.pack", "01KAJ7ZQ5V3M9X2W8R4T0000RN");
    }

    private static List<BackupProof> proofs() {
        return Objects.requireNonNull(catalog.proofs().of("orders").get(new BackupProofs.Of("main", "primary", ONE)));
    }

    @Test
    @DisplayName("Proofs say the same in whatever order, and however often, they come")
    void anyOrder() {
        List<BackupProof> told = new ArrayList<>();
        for (int day = 0; day < 6; day++) {
            Instant at = NOON.plus(Duration.ofDays(day));
            told.add(day == 3 || day == 5 ? problem(ProofLevel.CONTENT, at) : sound(ProofLevel.CONTENT, at));
            told.add(sound(ProofLevel.LISTING, at));
        }
        for (int seed = 0; seed < 5; seed++) {
            Collections.shuffle(told, new Random(seed));
            for (BackupProof proof : told) {
                catalog.proofs().keep("orders", "main", List.of(proof));
            }
            catalog.proofs().keep("orders", "main", told);
            assertThat(proofs())
                    .containsExactly(
                            sound(ProofLevel.LISTING, NOON.plus(Duration.ofDays(5))),
                            new BackupProof(
                                    "primary",
                                    ONE,
                                    ProofLevel.CONTENT,
                                    NOON.plus(Duration.ofDays(5)),
                                    false,
                                    NOON.plus(Duration.ofDays(4)),
                                    3,
                                    "OBJECT_DAMAGED",
                                    "src/x/p-1.pack",
                                    "01KAJ7ZQ5V3M9X2W8R4T0000RN"));
        }
    }

    @Test
    @DisplayName("What a newer version has proved in a way of its own is left out")
    void unknownLevel() throws Exception {
        catalog.proofs().keep("orders", "main", List.of(sound(ProofLevel.LISTING, NOON)));
        database.execute("update record.backup_proof set level = 'telepathy'");
        assertThat(catalog.proofs().of("orders")).isEqualTo(Map.of());
    }

    private static void expect(
            List<BackupProof> proofs,
            CopyStanding.Result result,
            @Nullable ProofLevel reached,
            @Nullable Instant verifiedAt,
            boolean complete) {
        CopyStanding standing = CopyStanding.of(proofs);
        assertThat(standing.result()).as(proofs.toString()).isEqualTo(result);
        assertThat(standing.level().orElse(null)).isEqualTo(reached);
        assertThat(standing.verifiedAt().orElse(null)).isEqualTo(verifiedAt);
        assertThat(standing.complete()).isEqualTo(complete);
    }

    @Test
    @DisplayName("A problem stands until a look that could have found it again finds nothing")
    void standing() {
        Instant later = NOON.plusSeconds(60);
        expect(List.of(), CopyStanding.Result.UNVERIFIED, null, null, true);
        expect(List.of(sound(ProofLevel.COPY, NOON)), CopyStanding.Result.UNVERIFIED, null, null, true);
        expect(List.of(problem(ProofLevel.COPY, NOON)), CopyStanding.Result.PROBLEM, null, null, false);
        expect(
                List.of(problem(ProofLevel.COPY, NOON), sound(ProofLevel.LISTING, later)),
                CopyStanding.Result.SOUND,
                ProofLevel.LISTING,
                later,
                true);
        expect(
                List.of(problem(ProofLevel.CONTENT, NOON), sound(ProofLevel.INDEXES, later)),
                CopyStanding.Result.PROBLEM,
                ProofLevel.INDEXES,
                later,
                true);
        expect(
                List.of(problem(ProofLevel.INDEXES, NOON), sound(ProofLevel.CONTENT, later)),
                CopyStanding.Result.PROBLEM,
                ProofLevel.CONTENT,
                later,
                false);
        expect(
                List.of(problem(ProofLevel.LISTING, later), sound(ProofLevel.CONTENT, NOON)),
                CopyStanding.Result.PROBLEM,
                ProofLevel.CONTENT,
                NOON,
                false);
        expect(
                List.of(problem(ProofLevel.CONTENT, NOON), sound(ProofLevel.RESTORE, later)),
                CopyStanding.Result.SOUND,
                ProofLevel.RESTORE,
                later,
                true);
        expect(
                List.of(sound(ProofLevel.CONTENT, NOON), problem(ProofLevel.RESTORE, later)),
                CopyStanding.Result.PROBLEM,
                ProofLevel.CONTENT,
                NOON,
                true);
    }
}
