package dev.muster.workflows.run;

import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.plan.Plan;
import dev.muster.workflows.TaskQueues;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What of the skeleton and the plan a run has not begun yet, in the order in which it will come. */
final class StepsToCome {
    static final String OBSERVE_AND_PLAN = "observe-and-plan";
    static final String OBSERVE_AGAIN = "observe-again";
    static final String CLAIM_EPOCH = "claim-epoch";
    static final String ADMIT = "admit";

    /** A step that has a place but no report yet. */
    record Step(String id, String title, String where) {}

    private StepsToCome() {}

    static List<Step> of(Plan plan, List<StepReport> begun) {
        Set<String> ids = sinceThePlan(begun);
        List<Step> all = new ArrayList<>();
        if (plan.approval() != null) {
            all.add(new Step(OBSERVE_AGAIN, title(OBSERVE_AGAIN), TaskQueues.CONTROL));
        }
        if (plan.changesSystem()) {
            all.add(new Step(CLAIM_EPOCH, title(CLAIM_EPOCH), TaskQueues.CONTROL));
        }
        String place = plan.scenario().needsHost()
                ? TaskQueues.host(plan.database().host())
                : TaskQueues.site(plan.repository().site());
        all.add(new Step(ADMIT, admission(plan.scenario()), place));
        plan.steps().forEach(step -> all.add(new Step(step.id(), step.title(), step.queue())));
        return all.stream().filter(step -> !ids.contains(step.id())).toList();
    }

    /** A plan that was made anew begins again what stands between it and its steps. */
    private static Set<String> sinceThePlan(List<StepReport> begun) {
        int last = -1;
        for (int i = 0; i < begun.size(); i++) {
            if (begun.get(i).id().equals(OBSERVE_AND_PLAN)) {
                last = i;
            }
        }
        return begun.subList(last + 1, begun.size()).stream()
                .map(StepReport::id)
                .collect(Collectors.toSet());
    }

    /** What people read for the place's own decision whether the run may act there. */
    static String admission(Scenario scenario) {
        return scenario.needsHost()
                ? "The host verifies plan, approval and epoch"
                : "The site verifies plan and approval";
    }

    /** What people read for any other step of the skeleton. */
    static String title(String id) {
        return switch (id) {
            case OBSERVE_AND_PLAN -> "Observe the live state and compile the plan";
            case OBSERVE_AGAIN -> "Observe again: does the approved plan still hold?";
            case CLAIM_EPOCH -> "Claim the system's next epoch";
            default -> throw new IllegalArgumentException("No step of the skeleton: " + id);
        };
    }
}
