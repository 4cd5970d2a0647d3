package dev.muster.repository.keys;

import dev.muster.repository.frames.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** What a wrapped key is tied to: moved to another repository, kid, scope or time, it does not unwrap. */
record SlotBinding(String repository, String kid, String text) {
    static SlotBinding of(KeySlot slot, RepositoryIdentity id) {
        String scope = slot.scope();
        String text = String.join(
                "\n",
                "muster-key-slot",
                "1",
                id.id(),
                id.hash().toString(),
                slot.kid(),
                slot.method(),
                scope == null ? "" : scope,
                slot.created());
        return new SlotBinding(id.id(), slot.kid(), text);
    }

    byte[] bytes() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** For key services: they log it, so that a person can tell from their log which repository was opened. */
    Map<String, String> context() {
        return new TreeMap<>(Map.of(
                "muster-repository", repository,
                "muster-key", kid,
                "muster-slot", Sha256.hash(bytes()).toString()));
    }
}
