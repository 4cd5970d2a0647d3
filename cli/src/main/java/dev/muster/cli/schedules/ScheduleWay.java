package dev.muster.cli.schedules;

import dev.muster.cli.client.Answer;
import dev.muster.runbooks.yaml.SourceText;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How schedules are reached; each way answers in the API's form. */
interface ScheduleWay extends AutoCloseable {
    /** Which way, to whom; for people. */
    String told();

    /** @param system only this system's; null for all */
    Answer list(@Nullable String system) throws InterruptedException;

    Answer show(String name) throws InterruptedException;

    Answer apply(List<SourceText> files, boolean dryRun, boolean deleteUnmanaged) throws InterruptedException;

    Answer pause(String name, String note) throws InterruptedException;

    Answer resume(String name, String note) throws InterruptedException;

    Answer trigger(String name) throws InterruptedException;

    Answer backfill(String name, Instant from, Instant to) throws InterruptedException;

    @Override
    void close();
}
