package dev.muster.cli.keys;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.keys.SlotDescription;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Slots for scripts. */
final class SlotDocument {
    private SlotDocument() {}

    /** Such as {@code opens}, {@code for others}. */
    static String state(SlotDescription slot) {
        String state = slot.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return slot.revoked() ? state + ", being revoked" : state;
    }

    /** @param use how many objects each master key encrypts; empty if that was not asked */
    static ObjectNode of(List<SlotDescription> slots, Map<String, Long> use) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode array = json.putArray("slots");
        for (SlotDescription slot : slots) {
            ObjectNode one = array.addObject()
                    .put("slot", slot.name())
                    .put("key", slot.kid())
                    .put("method", slot.method())
                    .put("created", slot.created())
                    .put("state", slot.state().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .put("revoked", slot.revoked());
            slot.scope().ifPresent(scope -> one.put("scope", scope));
            slot.trouble().ifPresent(why -> one.put("trouble", why));
        }
        if (!use.isEmpty()) {
            ObjectNode objects = json.putObject("objects");
            use.forEach(objects::put);
        }
        return json;
    }
}
