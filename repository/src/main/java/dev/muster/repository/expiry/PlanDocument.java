package dev.muster.repository.expiry;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.retention.Reason;
import dev.muster.repository.retention.Verdict;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A plan for programs, as JSON, and for people, as lines. */
final class PlanDocument {
    private static final Freed NOTHING = new Freed(0, 0, 0, 0);

    private PlanDocument() {}

    static ObjectNode json(ExpiryPlan plan) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("repository", plan.repository())
                .put("source", plan.source())
                .put("now", plan.now().toString())
                .put("hash", plan.hash());
        ArrayNode backups = json.putArray("backups");
        plan.verdicts().forEach(verdict -> backups.add(json(verdict, plan)));
        ArrayNode cleaning = json.putArray("cleaning");
        for (Cleaning one : plan.cleaning()) {
            cleaning.addObject()
                    .put("backup", one.backup())
                    .put("why", one.why().name())
                    .put("objects", one.objects())
                    .put("bytes", one.bytes())
                    .set("freed", json(plan.freed().getOrDefault(one.backup(), NOTHING)));
        }
        ArrayNode running = json.putArray("waitingFor");
        for (Running one : plan.running()) {
            running.addObject()
                    .put("backup", one.backup())
                    .put("writer", one.writer())
                    .put("last", one.last().toString());
        }
        return json.put("temporaryFiles", plan.temporaryFiles());
    }

    private static ObjectNode json(Verdict verdict, ExpiryPlan plan) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("backup", verdict.backup().id())
                .put("kind", verdict.backup().kind().label())
                .put("committed", verdict.backup().committed().toString())
                .put("kept", verdict.kept());
        ArrayNode reasons = json.putArray("reasons");
        for (Reason reason : verdict.reasons()) {
            reasons.addObject().put("code", reason.code().name()).put("text", reason.text());
        }
        if (!verdict.kept()) {
            json.set("freed", json(plan.freed().getOrDefault(verdict.backup().id(), NOTHING)));
        }
        return json;
    }

    private static ObjectNode json(Freed freed) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("objects", freed.objects())
                .put("bytes", freed.bytes())
                .put("neededObjects", freed.neededObjects())
                .put("neededBytes", freed.neededBytes());
    }

    static List<String> lines(ExpiryPlan plan) {
        List<String> lines = new ArrayList<>();
        for (Verdict verdict : plan.verdicts()) {
            String id = verdict.backup().id();
            String reasons = verdict.reasons().stream().map(Reason::text).collect(Collectors.joining("; "));
            lines.add((verdict.kept() ? "keep    " : "expire  ") + id + "  "
                    + String.format(
                            Locale.ROOT, "%-12s", verdict.backup().kind().label()) + "  "
                    + verdict.backup().committed().truncatedTo(ChronoUnit.SECONDS) + "  " + reasons
                    + (verdict.kept() ? "" : freed(plan, id)));
        }
        for (Cleaning one : plan.cleaning()) {
            lines.add("clean   " + one.backup() + "  " + one.why().name().toLowerCase(Locale.ROOT)
                    + freed(plan, one.backup()));
        }
        for (Running one : plan.running()) {
            lines.add("wait    " + one.backup() + "  of the writer " + one.writer()
                    + ", which last stored something at " + one.last() + ": nothing is deleted while it goes on");
        }
        if (plan.temporaryFiles() > 0) {
            lines.add("clean   " + plan.temporaryFiles() + " temporary files of killed writers");
        }
        return List.copyOf(lines);
    }

    private static String freed(ExpiryPlan plan, String id) {
        Freed freed = plan.freed().getOrDefault(id, NOTHING);
        String needed = freed.neededObjects() == 0
                ? ""
                : ", " + freed.neededBytes() + " bytes stay for other backups until these go";
        return "; frees " + freed.bytes() + " bytes in " + freed.objects() + " objects" + needed;
    }
}
