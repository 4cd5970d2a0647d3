package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import dev.muster.storage.Stores;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** The stores that copies go to. One that is away must not keep the copies in the others from being made. */
final class ReplicaStores {
    /** The store is not there now; everything else about a URL is for whoever wrote it, before anything is copied. */
    private static final Set<String> AWAY =
            Set.of("STORE_UNREACHABLE", "STORE_THROTTLED", "STORE_UNAVAILABLE", "STORE_MISSING", "STORE_DENIED");

    /** @param url as it was given */
    record Reached(String url, ObjectStore store) {}

    /** @param url as it was given */
    record Away(String url, StoreException trouble) {
        ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("replica", url)
                    .put("sound", false)
                    .put("complete", false);
            json.putObject("error")
                    .put("code", trouble.code())
                    .put("message", trouble.getMessage())
                    .put("hint", trouble.hint());
            return json;
        }
    }

    private final List<Reached> reached = new ArrayList<>();
    private final List<Away> away = new ArrayList<>();

    private ReplicaStores() {}

    /** @throws StoreException if a URL or its secrets are wrong, or none of the stores is there */
    static ReplicaStores open(Collection<String> urls) {
        ReplicaStores stores = new ReplicaStores();
        for (String url : urls) {
            try {
                stores.reached.add(new Reached(url, Stores.open(url)));
            } catch (StoreException e) {
                if (!AWAY.contains(e.code())) {
                    throw e;
                }
                stores.away.add(new Away(url, e));
            }
        }
        if (stores.reached.isEmpty()) {
            throw stores.away.get(0).trouble();
        }
        return stores;
    }

    List<Reached> reached() {
        return reached;
    }

    List<Away> away() {
        return away;
    }

    /** After the others, where it is read last. */
    void tellAway(Output output) {
        for (Away one : away) {
            output.aside(Printable.line("NOT LOOKED AT: " + one.url() + ": "
                    + one.trouble().code() + ": " + one.trouble().getMessage() + " Hint: "
                    + one.trouble().hint()));
        }
    }

    /** @param otherwise of the stores that are there */
    int exitCode(int otherwise) {
        return away.isEmpty() || otherwise == ExitCode.FAILED ? otherwise : ExitCode.UNREACHABLE;
    }
}
