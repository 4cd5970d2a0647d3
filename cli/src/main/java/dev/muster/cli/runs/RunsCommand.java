package dev.muster.cli.runs;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code muster runs}: everything about runs, over the API. */
@Command(
        name = "runs",
        description = "Starts, lists, shows, follows and approves runs, over the API.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ListRuns.class,
            ShowRun.class,
            StartRun.class,
            ShowTimeline.class,
            WatchRun.class,
            ShowPlan.class,
            ApproveRun.class,
            HelpCommand.class
        })
public final class RunsCommand {}
