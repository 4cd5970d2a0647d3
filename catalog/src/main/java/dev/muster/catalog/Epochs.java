package dev.muster.catalog;

/** Rising numbers of the changes of a system. */
public final class Epochs {
    private final Database database;

    Epochs(Database database) {
        this.database = database;
    }

    /** The next epoch of the system for this run; the same run gets the same one again. */
    public long claim(String system, String runId) {
        return database.inTransaction(handle -> {
            // Two runs of one system take their numbers one after the other.
            handle.execute("select pg_advisory_xact_lock(hashtextextended('muster.epoch/' || ?, 0))", system);
            return handle.createQuery("""
                            with kept as (
                                select epoch from record.epoch where system = :system and run_id = :runId
                            ), made as (
                                insert into record.epoch (system, epoch, run_id)
                                select :system, coalesce(max(epoch), 0) + 1, :runId
                                from record.epoch where system = :system
                                having not exists (select from kept)
                                returning epoch
                            )
                            select epoch from kept union all select epoch from made
                            """)
                    .bind("system", system)
                    .bind("runId", runId)
                    .mapTo(Long.class)
                    .one();
        });
    }
}
