package dev.muster.catalog;

/**
 * The open catalogue. Every call ends within the settings' bounds: with a result, or with a {@link CatalogException}
 * such as CATALOG_UNREACHABLE. Safe for use by several threads and by several processes on one database.
 */
public final class Catalog implements AutoCloseable {
    private final Database database;

    private Catalog(Database database) {
        this.database = database;
    }

    /**
     * Opens without connecting: whoever only records must come up while the catalogue is down.
     *
     * @throws CatalogException CATALOG_PASSWORD_MISSING if the password's reference leads nowhere
     */
    public static Catalog open(CatalogSettings settings) {
        return new Catalog(Database.open(settings));
    }

    /**
     * Creates or updates the schemas {@code index} and {@code record}. Two at once do it once.
     *
     * @throws CatalogException CATALOG_MIGRATION_FAILED, or why it cannot be reached
     */
    public static void migrate(CatalogSettings settings) {
        Migrations.run(settings);
    }

    /** @throws CatalogException CATALOG_UNREACHABLE, CATALOG_LOGIN_FAILED, CATALOG_NOT_MIGRATED */
    public void check() {
        Migrations.check(database);
    }

    /** Runs with their steps and approvals. */
    public RunRecords runs() {
        return new RunRecords(database);
    }

    /** Runbooks, systems and plans by the SHA-256 of their bytes. */
    public Documents documents() {
        return new Documents(database);
    }

    /** The systems' descriptions. */
    public SystemRecords systems() {
        return new SystemRecords(database);
    }

    /** Who may use the API. */
    public ApiTokens tokens() {
        return new ApiTokens(database);
    }

    /** What was refused, to whom and why. */
    public Refusals refusals() {
        return new Refusals(database);
    }

    /** What lies in the stores; rebuildable from them. */
    public BackupIndex index() {
        return new BackupIndex(database);
    }

    /** Which repository holds which backup; rebuildable from them. */
    public CopyIndex copies() {
        return new CopyIndex(database);
    }

    /** What was proved of each backup. */
    public BackupProofs proofs() {
        return new BackupProofs(database);
    }

    /** Which requests started which runs. */
    public RunStarts starts() {
        return new RunStarts(database);
    }

    /** Rising numbers of changes per system. */
    public Epochs epochs() {
        return new Epochs(database);
    }

    /** What schedules did when they were due. */
    public ScheduleExecutions scheduleExecutions() {
        return new ScheduleExecutions(database);
    }

    @Override
    public void close() {
        database.close();
    }
}
