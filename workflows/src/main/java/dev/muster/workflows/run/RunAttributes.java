package dev.muster.workflows.run;

import dev.muster.runbooks.Scenario;
import io.temporal.common.SearchAttributeKey;
import io.temporal.common.SearchAttributeUpdate;
import io.temporal.common.SearchAttributes;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What runs are found by in Temporal's lists: all Keywords, all plaintext in Temporal's own store whatever codec is
 * used, so nothing sensitive is among them.
 */
public final class RunAttributes {
    public static final SearchAttributeKey<String> SYSTEM = SearchAttributeKey.forKeyword("MusterSystem");
    public static final SearchAttributeKey<String> SCENARIO = SearchAttributeKey.forKeyword("MusterScenario");
    public static final SearchAttributeKey<String> SITE = SearchAttributeKey.forKeyword("MusterSite");
    /** {@code planning}, {@code waiting-for-approval}, {@code admission}, a phase of the plan, {@code finished}. */
    public static final SearchAttributeKey<String> PHASE = SearchAttributeKey.forKeyword("MusterPhase");
    /** The role that is waited for; unset while nobody is. */
    public static final SearchAttributeKey<String> WAITING_FOR = SearchAttributeKey.forKeyword("MusterWaitingFor");
    /** The report's verdict; unset until the run has ended. */
    public static final SearchAttributeKey<String> OUTCOME = SearchAttributeKey.forKeyword("MusterOutcome");

    public static final List<SearchAttributeKey<String>> ALL =
            List.of(SYSTEM, SCENARIO, SITE, PHASE, WAITING_FOR, OUTCOME);

    private final boolean registered;
    private final Map<SearchAttributeKey<String>, String> told = new TreeMap<>();

    private RunAttributes(boolean registered) {
        this.registered = registered;
    }

    /** What a schedule's own workflow is found by. */
    public static SearchAttributes ofSchedule(String scenario, String system) {
        return SearchAttributes.newBuilder()
                .set(SYSTEM, system)
                .set(SCENARIO, scenario)
                .build();
    }

    /** Those that are known before the run begins. */
    static SearchAttributes atStart(Scenario scenario, String system) {
        return SearchAttributes.newBuilder()
                .set(SYSTEM, system)
                .set(SCENARIO, scenario.id())
                .set(PHASE, phase(RunStatus.State.PLANNING))
                .build();
    }

    /**
     * Those of the workflow that executes this. A run that was started without them never sets any: where they are not
     * registered, setting one would stop its workflow task, and with it the recovery.
     */
    static RunAttributes ofThisRun() {
        boolean registered = areRegistered();
        RunAttributes attributes = new RunAttributes(registered);
        if (registered) {
            attributes.told.put(PHASE, phase(RunStatus.State.PLANNING));
        }
        return attributes;
    }

    /** Whether the workflow that executes this was started with them: only then it is known that they may be set. */
    static boolean areRegistered() {
        return Workflow.getTypedSearchAttributes().containsKey(SYSTEM);
    }

    /** Tells Temporal what has changed since the last time, in one event; none if nothing has. */
    void tell(@Nullable String site, String phase, @Nullable String waitingFor, RunReport.@Nullable Verdict outcome) {
        if (!registered) {
            return;
        }
        List<SearchAttributeUpdate<?>> changes = new ArrayList<>();
        change(SITE, site, changes);
        change(PHASE, phase, changes);
        change(WAITING_FOR, waitingFor, changes);
        change(OUTCOME, outcome == null ? null : outcome.name(), changes);
        if (!changes.isEmpty()) {
            Workflow.upsertTypedSearchAttributes(changes.toArray(SearchAttributeUpdate<?>[]::new));
        }
    }

    private void change(
            SearchAttributeKey<String> key, @Nullable String value, List<SearchAttributeUpdate<?>> changes) {
        if (value == null) {
            if (told.remove(key) != null) {
                changes.add(key.valueUnset());
            }
        } else if (!value.equals(told.put(key, value))) {
            changes.add(key.valueSet(value));
        }
    }

    /** How a state that is no phase of the plan is written. */
    static String phase(RunStatus.State state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
