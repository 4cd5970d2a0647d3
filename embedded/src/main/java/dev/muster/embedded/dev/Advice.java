package dev.muster.embedded.dev;

import dev.muster.embedded.console.Console;
import dev.muster.embedded.stack.RunningApi;
import dev.muster.embedded.stack.Stack;
import java.nio.file.Path;
import java.util.List;

/**
 * Where to look and what to try, as lines to copy into a shell in the order in which they stand. Lines to copy begin with
 * four blanks, and e2e's DevTest carries them out.
 */
record Advice(Console console, Path folder, Stack stack, RunningApi api, List<Person> people) {
    /** What is typed where dev runs. */
    private static final String ATTACK = "Type 'attack' and Enter here";

    /** Until the run has come to where it can answer. */
    private static final String PATIENT = "curl -fsS --retry 60 --retry-delay 1 --retry-all-errors";

    void print() {
        console.heading("All is up");
        console.line("  API            " + api.api() + "/v1 (description: " + api.api() + "/v1/openapi.yaml)");
        console.line("  for machines   " + api.admin() + " (/ready, /healthcheck, /metrics)");
        console.line("  Temporal       " + stack.temporalAddress()
                + stack.temporalServer()
                        .map(server -> ", web UI " + server.webAddress())
                        .orElse(", without a web UI; --temporal=server has one"));
        console.line("  folder         " + folder + " (logs, tokens, store; removed at the end)");
        for (Person person : people) {
            console.line("  " + person.role().id()
                    + " ".repeat(15 - person.role().id().length()) + person.name() + ", token in " + person.token());
        }
        console.heading("To try, in another shell");
        copy("api=" + api.api() + "/v1; people=" + folder.resolve("people"));
        console.line("  To which points can the orders go back? What was run so far?");
        copy("curl -fsS -H @$people/vera.header $api/systems/orders/points");
        copy("curl -fsS -H @$people/vera.header $api/runs");
        console.line("  Start a restore test as alice and follow it.");
        copy("run=$(" + start("shipped:restore-test") + ")");
        copy("curl -fsSN -H @$people/vera.header $api/runs/$run/events");
        console.line("  The same without the API, in the folder with the launcher.");
        copy(". " + folder.resolve("environment"));
        copy("./muster plan shipped:restore-test --system " + stack.systemFile());
        copy("./muster run shipped:restore-test --system " + stack.systemFile());
        console.line(
                "  " + ATTACK + ": somebody deletes payments. alice asks for a recovery, bob reads and approves it.");
        copy("run=$(" + start("shipped:point-in-time-recovery") + ")");
        copy("plan=$(" + PATIENT + " -H @$people/bob.header $api/runs/$run/plan); echo \"$plan\"");
        copy("hash=$(echo \"$plan\" | sed 's/.*\"planHash\":\"\\([0-9a-f]*\\)\".*/\\1/')");
        copy(PATIENT + " -H @$people/bob.header -H 'Content-Type: application/json'"
                + " -d '{\"planHash\":\"'$hash'\",\"lossCeilingSeconds\":600}' $api/runs/$run/approvals");
        copy("curl -fsSN -H @$people/vera.header $api/runs/$run/events");
        console.line("");
        console.line("Ctrl-C, or the end of the input, ends all of it and leaves nothing.");
    }

    private static String start(String runbook) {
        return "curl -fsS -H @$people/alice.header -H 'Content-Type: application/json' -H \"Idempotency-Key: $(date +%s%N)\""
                + " -d '{\"system\":\"orders\",\"runbook\":\"" + runbook + "\"}' $api/runs"
                + " | sed 's/.*\"id\":\"\\([0-9A-Z]*\\)\".*/\\1/'";
    }

    private void copy(String line) {
        console.line("    " + line);
    }
}
