package dev.muster.cli.repo;

import dev.muster.cli.keys.KeysCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code muster repo}: backups of files, streams and PostgreSQL, without any server of Muster's. */
@Command(
        name = "repo",
        description = "Makes, lists, checks and restores backups with nothing but a store and a key.",
        mixinStandardHelpOptions = true,
        subcommands = {
            InitRepo.class,
            BackupRepo.class,
            ListRepo.class,
            ShowRepo.class,
            VerifyRepo.class,
            RestoreRepo.class,
            DiffRepo.class,
            ExpireRepo.class,
            KeepRepo.class,
            UnkeepRepo.class,
            ReplicateRepo.class,
            KeysCommand.class,
            HelpCommand.class
        })
public final class RepoCommand {}
