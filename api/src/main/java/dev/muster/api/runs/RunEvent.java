package dev.muster.api.runs;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One event of a run's stream.
 *
 * <p>The id says all that the receiver has seen with it: the letter of each step's state, the number of approvals, the
 * run's state, the plan that it waits with. So any instance of the API can go on where another stopped, without
 * keeping anything: it compares the id with the run.
 *
 * @param type step, state, waiting, approval or end
 */
record RunEvent(String id, String type, Object data) {
    private static final Pattern ID = Pattern.compile("([RDF]{0,2000})-(\\d{1,6})-([A-Z_]{0,40})-([0-9a-f]{0,64})");

    /** In the place of the state, once the end was sent. */
    private static final String END = "END";

    /** What a receiver has seen; from the id of the last event that it got. */
    record Seen(String steps, int approvals, String state, String plan) {
        static final Seen NOTHING = new Seen("", 0, "", "");

        /** An id that is none of ours is as none: everything is sent again. */
        static Seen of(@Nullable String id) {
            Matcher matcher = ID.matcher(id == null ? "" : id);
            return matcher.matches()
                    ? new Seen(matcher.group(1), Integer.parseInt(matcher.group(2)), matcher.group(3), matcher.group(4))
                    : NOTHING;
        }

        String id() {
            return steps + "-" + approvals + "-" + state + "-" + plan;
        }
    }

    /** The run's state changed. */
    @Schema(name = "StateEvent")
    record StateChanged(String state, boolean live) {}

    /** What is new in the run since then, in order; the last one's id holds all of it. */
    static List<RunEvent> since(Seen before, RunSnapshot now) {
        List<RunEvent> events = new ArrayList<>();
        if (before.state().equals(END)) {
            return List.of(new RunEvent(before.id(), "end", now.run()));
        }
        StringBuilder steps = new StringBuilder(before.steps());
        Seen seen = before;
        for (int position = 0; position < now.steps().size(); position++) {
            StepView step = now.steps().get(position);
            char state = step.state().charAt(0);
            if (position < steps.length() && steps.charAt(position) == state) {
                continue;
            }
            // Steps begin in order, so there is never more than one place to add at.
            steps.replace(position, Math.min(position + 1, steps.length()), String.valueOf(state));
            seen = new Seen(steps.toString(), seen.approvals(), seen.state(), seen.plan());
            events.add(new RunEvent(seen.id(), "step", step));
        }
        for (int position = seen.approvals(); position < now.approvals().size(); position++) {
            seen = new Seen(seen.steps(), position + 1, seen.state(), seen.plan());
            events.add(new RunEvent(seen.id(), "approval", now.approvals().get(position)));
        }
        RunView run = now.run();
        if (!run.state().equals(seen.state())) {
            seen = new Seen(seen.steps(), seen.approvals(), run.state(), seen.plan());
            events.add(new RunEvent(seen.id(), "state", new StateChanged(run.state(), run.live())));
        }
        String plan = run.planHash();
        if (run.waiting() != null && plan != null && !plan.equals(seen.plan())) {
            seen = new Seen(seen.steps(), seen.approvals(), seen.state(), plan);
            events.add(new RunEvent(seen.id(), "waiting", run));
        }
        if (run.ended() != null) {
            events.add(new RunEvent(new Seen(seen.steps(), seen.approvals(), END, seen.plan()).id(), "end", run));
        }
        return events;
    }
}
