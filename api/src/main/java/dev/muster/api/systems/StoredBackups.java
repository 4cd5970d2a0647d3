package dev.muster.api.systems;

import dev.muster.catalog.BackupProof;
import dev.muster.catalog.BackupProofs;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.CopyStanding;
import dev.muster.catalog.IndexedBackup;
import dev.muster.catalog.IndexedCopy;
import dev.muster.catalog.IndexedMark;
import dev.muster.catalog.ProofLevel;
import dev.muster.catalog.RepositoryIndex;
import dev.muster.catalog.SourceIndex;
import dev.muster.runbooks.WalPosition;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Backups with their copies in each repository, and what was proved of each. */
final class StoredBackups {
    private static final Comparator<BackupView> NEWEST_FIRST = Comparator.comparing(BackupView::database)
            .thenComparing(backup -> WalPosition.parse(backup.stopLsn()), Comparator.reverseOrder())
            .thenComparing(BackupView::id, Comparator.reverseOrder());

    private StoredBackups() {}

    /** A backup in the stores. */
    @Schema(name = "Backup", description = "A committed backup in a store")
    public record BackupView(
            @Schema(description = "A ULID") String id,
            String database,

            @Schema(description = "Such as full or incremental")
            String kind,

            int serverVersion,
            int timeline,
            String startLsn,
            String stopLsn,
            Instant startTime,
            Instant stopTime,
            @Schema(description = "Bytes of the database") long bytes,

            @Schema(
                    description =
                            "In which repositories it is, by name; none where they were not looked into since this"
                                    + " is asked")
            List<CopyView> copies) {}

    /** A backup in one repository. */
    @Schema(name = "BackupCopy", description = "A backup in one repository, and what was proved of it there")
    public record CopyView(
            @Schema(description = "Its name in the system") String repository,
            @Schema(description = "When it was there last") Instant seenAt,

            @Schema(description = "Whether all is there that it is restored from, as far as is known")
            boolean complete,

            @Schema(
                    description =
                            "SOUND; PROBLEM: what stands in problem was found and not made good since; UNVERIFIED")
            CopyStanding.Result result,

            @Schema(
                    description = "The deepest level at which it was ever found sound: listing, indexes, content or"
                            + " restore; absent if at none")
            @Nullable String level,

            @Schema(
                    description = "When that was so last; of the level content when the byte was read whose look is"
                            + " longest ago")
            @Nullable Instant verifiedAt,

            @Schema(description = "Absent if there is none") @Nullable Look problem,

            @Schema(description = "When a restore of it succeeded last; absent if none did") @Nullable Instant restoredAt,

            @Schema(description = "The newest look at each level, from the shallowest")
            List<Look> looks,

            @Schema(description = "Marks that keep it whatever the rules say")
            List<Mark> keptBy) {}

    /** What a look said. */
    @Schema(name = "BackupLook", description = "What the newest look at one level said of a backup in a repository")
    public record Look(
            @Schema(
                    description =
                            "copy (a replication compared it with its origin), listing, indexes, content or restore")
            String level,

            Instant lookedAt,
            boolean sound,

            @Schema(description = "When it was last known to be sound at this level; absent if never") @Nullable Instant soundAt,

            @Schema(description = "How many were found") long problems,

            @Schema(description = "Of the first, as in errors.md") @Nullable String code,

            @Schema(description = "The object that the first is about") @Nullable String object,

            @Schema(description = "The run that looked; absent for a look into the stores") @Nullable String run) {
        static Look of(BackupProof proof) {
            return new Look(
                    proof.level().label(),
                    proof.lookedAt(),
                    proof.sound(),
                    proof.soundAt(),
                    proof.problems(),
                    proof.code(),
                    proof.object(),
                    proof.runId());
        }
    }

    /** A mark that keeps a backup. */
    @Schema(name = "KeepMark", description = "A mark that keeps a backup whatever the rules say")
    public record Mark(
            @Schema(description = "A ULID") String mark,
            String by,
            String why,

            @Schema(description = "Absent if the mark cannot be read") @Nullable Instant made,

            @Schema(description = "Absent if it holds until it is taken away") @Nullable Instant until) {
        static Mark of(IndexedMark mark) {
            return new Mark(mark.mark(), mark.by(), mark.why(), mark.made(), mark.until());
        }
    }

    /** When a repository was looked into. */
    @Schema(name = "RepositoryLook", description = "When a repository was last looked into for one database")
    public record RepositoryLook(
            String database,
            @Schema(description = "Its name in the system") String repository,
            @Schema(description = "The store's URL") String store,
            Instant observedAt,
            @Schema(description = "How many it holds") int backups) {
        static RepositoryLook of(RepositoryIndex index) {
            return new RepositoryLook(
                    index.database(),
                    index.repository(),
                    index.store(),
                    index.observedAt(),
                    index.copies().size());
        }
    }

    /** All of a system that any of its repositories was seen to hold, by database, newest first. */
    static List<BackupView> of(
            Catalog catalog, String system, List<SourceIndex> sources, List<RepositoryIndex> copies) {
        Map<BackupProofs.Of, List<BackupProof>> proofs = catalog.proofs().of(system);
        Map<Map.Entry<String, String>, IndexedBackup> facts = new LinkedHashMap<>();
        Map<Map.Entry<String, String>, List<CopyView>> views = new LinkedHashMap<>();
        sources.forEach(source ->
                source.backups().forEach(backup -> facts.put(Map.entry(source.database(), backup.id()), backup)));
        for (RepositoryIndex index : copies) {
            for (IndexedCopy copy : index.copies()) {
                IndexedBackup backup = copy.backup();
                Map.Entry<String, String> key = Map.entry(index.database(), backup.id());
                facts.putIfAbsent(key, backup);
                views.computeIfAbsent(key, none -> new ArrayList<>())
                        .add(copy(
                                index.repository(),
                                copy,
                                proofs.getOrDefault(
                                        new BackupProofs.Of(index.database(), index.repository(), backup.id()),
                                        List.of())));
            }
        }
        return facts.entrySet().stream()
                .map(entry -> backup(
                        entry.getKey().getKey(), entry.getValue(), views.getOrDefault(entry.getKey(), List.of())))
                .sorted(NEWEST_FIRST)
                .toList();
    }

    private static CopyView copy(String repository, IndexedCopy copy, List<BackupProof> proofs) {
        CopyStanding standing = CopyStanding.of(proofs);
        return new CopyView(
                repository,
                copy.seenAt(),
                standing.complete(),
                standing.result(),
                standing.level().map(ProofLevel::label).orElse(null),
                standing.verifiedAt().orElse(null),
                standing.problem().map(Look::of).orElse(null),
                proofs.stream()
                        .filter(proof -> proof.level() == ProofLevel.RESTORE)
                        .flatMap(proof -> Optional.ofNullable(proof.soundAt()).stream())
                        .findFirst()
                        .orElse(null),
                proofs.stream().map(Look::of).toList(),
                copy.marks().stream().map(Mark::of).toList());
    }

    private static BackupView backup(String database, IndexedBackup backup, List<CopyView> copies) {
        return new BackupView(
                backup.id(),
                database,
                backup.kind(),
                backup.serverVersion(),
                backup.timeline(),
                backup.startLsn(),
                backup.stopLsn(),
                backup.startTime(),
                backup.stopTime(),
                backup.bytes(),
                List.copyOf(copies));
    }
}
