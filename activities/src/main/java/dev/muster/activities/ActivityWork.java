package dev.muster.activities;

import dev.muster.workflows.FailureType;
import io.temporal.activity.Activity;
import io.temporal.client.ActivityCompletionException;
import io.temporal.failure.TemporalFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The frame around each activity's work: heartbeats while it lasts, and its errors told in the workflow's words. */
public final class ActivityWork {
    private static final Logger log = LoggerFactory.getLogger(ActivityWork.class);

    /** A fault without a name that comes back this often is no passing one: a person must see it. */
    private static final int MOST_SURPRISES = 10;

    private static final Surprises SURPRISES = new Surprises();

    /** The work itself. */
    public interface Work<T> {
        /** Does it; tells its progress and asks for a reason to stop through the heartbeats. */
        T run(Heartbeats heartbeats) throws Exception;
    }

    private ActivityWork() {}

    /** Runs the work of the activity that this thread executes. */
    public static <T> T run(Work<T> work) {
        try (Heartbeats heartbeats = Heartbeats.start()) {
            return work.run(heartbeats);
        } catch (ActivityCompletionException | TemporalFailure e) {
            throw e;
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            var failure = ActivityFailures.translate(e);
            log.warn("{}", failure.getOriginalMessage(), e);
            throw FailureType.UNEXPECTED.name().equals(failure.getType())
                            && SURPRISES.met(Activity.getExecutionContext().getInfo()) >= MOST_SURPRISES
                    ? ActivityFailures.last(failure)
                    : failure;
        }
    }
}
