package dev.muster.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * What was proved of backups, the newest at each level. It stays when a backup has gone: the catalogue cannot know from an
 * empty list whether a store was emptied or is another one now.
 */
public final class BackupProofs {
    private static final int MOST_ROWS = 200_000;
    private static final int LONGEST_TEXT = 1_000;

    private final Database database;

    BackupProofs(Database database) {
        this.database = database;
    }

    /** Which copy of which backup of which database. */
    public record Of(String database, String repository, String backup) {}

    /** Keeps proofs. They may come twice and in any order: of two at one level that of the later look stays. */
    public void keep(String system, String name, List<BackupProof> proofs) {
        if (proofs.isEmpty()) {
            return;
        }
        database.inTransaction(handle -> {
            PreparedBatch batch = handle.prepareBatch("""
                    insert into record.backup_proof as known (system, database, repository, id, level, looked_at, sound,
                        sound_at, problems, code, object, run_id)
                    values (:system, :database, :repository, :id, :level, :lookedAt, :sound, :soundAt, :problems, :code,
                        :object, :runId)
                    on conflict (system, database, repository, id, level) do update set
                        sound_at = greatest(known.sound_at, excluded.sound_at),
                        (looked_at, sound, problems, code, object, run_id) = (
                            select later.looked_at, later.sound, later.problems, later.code, later.object, later.run_id
                            from (values
                                (excluded.looked_at, excluded.sound, excluded.problems, excluded.code,
                                    excluded.object, excluded.run_id, 1),
                                (known.looked_at, known.sound, known.problems, known.code, known.object,
                                    known.run_id, 2)
                            ) as later (looked_at, sound, problems, code, object, run_id, place)
                            order by later.looked_at desc, later.place limit 1)
                    """);
            for (BackupProof proof : proofs) {
                batch.bind("system", Columns.storable(system))
                        .bind("database", Columns.storable(name))
                        .bind("repository", proof.repository())
                        .bind("id", proof.backup())
                        .bind("level", proof.level().label())
                        .bind("lookedAt", Columns.of(proof.lookedAt()))
                        .bind("sound", proof.sound())
                        .bind("soundAt", Columns.ofNullable(proof.soundAt()))
                        .bind("problems", proof.problems())
                        .bind("code", Columns.storableOrNull(proof.code()))
                        .bind("object", proof.object() == null ? null : Columns.shortened(proof.object(), LONGEST_TEXT))
                        .bind("runId", proof.runId())
                        .add();
            }
            return batch.execute().length;
        });
    }

    /** All proofs of the system's backups, by copy, from the shallowest level to the deepest. */
    public Map<Of, List<BackupProof>> of(String system) {
        return database
                .with(handle -> handle.createQuery(
                                "select * from record.backup_proof where system = :system limit :most")
                        .bind("system", Columns.storable(system))
                        .bind("most", MOST_ROWS)
                        .map((row, context) -> Map.entry(
                                new Of(
                                        Columns.text(row, "database"),
                                        Columns.text(row, "repository"),
                                        Columns.text(row, "id")),
                                proof(row)))
                        .list())
                .stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey,
                        Collectors.flatMapping(
                                entry -> entry.getValue().stream(),
                                Collectors.collectingAndThen(
                                        Collectors.toList(),
                                        proofs -> proofs.stream()
                                                .sorted(java.util.Comparator.comparing(BackupProof::level))
                                                .toList()))));
    }

    /** @return none for a level that a newer version has written */
    private static List<BackupProof> proof(ResultSet row) throws SQLException {
        var level = ProofLevel.of(Columns.text(row, "level"));
        if (level.isEmpty()) {
            return List.of();
        }
        return List.of(new BackupProof(
                Columns.text(row, "repository"),
                Columns.text(row, "id"),
                level.get(),
                Columns.time(row, "looked_at"),
                row.getBoolean("sound"),
                Columns.timeOrNull(row, "sound_at"),
                row.getLong("problems"),
                Columns.textOrNull(row, "code"),
                Columns.textOrNull(row, "object"),
                Columns.textOrNull(row, "run_id")));
    }
}
