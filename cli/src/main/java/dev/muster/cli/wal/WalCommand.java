package dev.muster.cli.wal;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code muster wal}. */
@Command(
        name = "wal",
        description = "Brings PostgreSQL's WAL into a repository, and says what is there.",
        mixinStandardHelpOptions = true,
        subcommands = {ReceiveWal.class, ArchiveWal.class, StatusOfWal.class, GapsInWal.class, HelpCommand.class})
public final class WalCommand {}
