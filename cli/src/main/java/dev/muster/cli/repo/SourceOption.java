package dev.muster.cli.repo;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.layout.Listings;
import java.util.List;
import picocli.CommandLine.Option;

/** Whose backups, and which of them. */
public final class SourceOption {
    private static final String LATEST = "latest";
    private static final int MOST_NAMED = 12;

    @Option(
            names = "--source",
            required = true,
            paramLabel = "NAME",
            description = "What is backed up, by its name in the repository: a-z, 0-9 and -.")
    private String source = "";

    @Option(
            names = "--backup",
            paramLabel = "ID",
            defaultValue = LATEST,
            description = "A backup's id as 'repo list' shows it, or latest (default: ${DEFAULT-VALUE}).")
    private String backup = LATEST;

    String source() {
        return source;
    }

    boolean latest() {
        return backup.equals(LATEST);
    }

    /** The id that is meant. */
    String id(Repository repository) {
        return latest() ? newest(repository).id() : backup;
    }

    private CommittedBackup newest(Repository repository) {
        List<CommittedBackup> backups = repository.backups(source);
        if (backups.isEmpty()) {
            throw none(repository);
        }
        return backups.get(backups.size() - 1);
    }

    CliException none(Repository repository) {
        List<String> others =
                Listings.sources(repository.store()).stream().sorted().toList();
        String named = others.size() <= MOST_NAMED ? String.join(", ", others) : others.size() + " others";
        return new CliException(
                "BACKUP_UNKNOWN",
                "There is no committed backup of " + source + " in "
                        + repository.store().url() + ".",
                others.isEmpty()
                        ? "Nothing was ever backed up there: is it the right store?"
                        : "Is the name right? There are: " + named + "; muster repo list shows their backups.",
                ExitCode.BAD_INPUT);
    }
}
