package dev.muster.catalog;

import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Which Idempotency-Key of whom started which run, so that a repeated request starts nothing twice. */
public final class RunStarts {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,128}");

    private final Database database;

    RunStarts(Database database) {
        this.database = database;
    }

    /**
     * The run of this key: a new one for its first use, the same for each repeat, also when two processes ask at once.
     *
     * @param key 1 to 128 printable ASCII characters; each subject has its own keys
     * @param bodyHash of what the run is asked with
     * @param newRunId makes the ULID that a first use takes
     * @throws CatalogException IDEMPOTENCY_KEY_REUSED if the key was used with another body, IDEMPOTENCY_KEY_INVALID
     */
    public ClaimedStart claim(String key, String subject, String bodyHash, Supplier<String> newRunId) {
        if (!KEY.matcher(key).matches()) {
            throw new CatalogException(
                    "IDEMPOTENCY_KEY_INVALID",
                    "An Idempotency-Key has 1 to 128 printable ASCII characters without spaces.",
                    "Make one per request, such as a UUID, and repeat it with the same request only.");
        }
        String offered = newRunId.get();
        record Kept(String runId, String bodyHash, boolean confirmed) {}
        // The update changes nothing, but makes one statement return the row that is there, whoever wrote it.
        Kept kept = database.with(handle -> handle.createQuery("""
                        insert into record.run_start (subject, key, body_hash, run_id)
                        values (:subject, :key, :bodyHash, :runId)
                        on conflict (subject, key) do update set key = excluded.key
                        returning run_id, body_hash, confirmed is not null
                            or exists (select from record.run where run.run_id = run_start.run_id) as confirmed
                        """)
                .bind("subject", Columns.storable(subject))
                .bind("key", key)
                .bind("bodyHash", bodyHash)
                .bind("runId", offered)
                .map((row, context) -> new Kept(
                        Columns.text(row, "run_id"), Columns.text(row, "body_hash"), row.getBoolean("confirmed")))
                .one());
        if (!kept.bodyHash().equals(bodyHash)) {
            throw new CatalogException(
                    "IDEMPOTENCY_KEY_REUSED",
                    "The Idempotency-Key was used before with another request; it stands for the run " + kept.runId()
                            + ".",
                    "Make a new key for a new request.");
        }
        return new ClaimedStart(kept.runId(), kept.runId().equals(offered), kept.confirmed());
    }

    /** The run is started: a repeat of its key must not start it again, even when it has ended. */
    public void confirm(String runId) {
        database.with(handle -> handle.execute(
                "update record.run_start set confirmed = coalesce(confirmed, now()) where run_id = ?", runId));
    }
}
