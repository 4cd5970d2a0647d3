package dev.muster.repository.replication;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * Whether one source has three copies, on two kinds of media, one of them offsite.
 *
 * @param backup the newest that fulfils the rule; else the newest of all, if there is one
 * @param holders the places that have all of it
 * @param fulfilled whether it fulfils the rule
 * @param newest the newest backup of all: if it is not {@code backup}, what changed since is less protected
 * @param missing what the newest backup is wanting, and stores that could not be asked, in sentences
 */
public record SourceProtection(
        String source,
        Optional<String> backup,
        List<Place> holders,
        boolean fulfilled,
        Optional<String> newest,
        List<String> missing) {
    public SourceProtection {
        holders = List.copyOf(holders);
        missing = List.copyOf(missing);
    }

    /** For people: one line, then what is missing. */
    public String text() {
        StringBuilder text = new StringBuilder(source).append(": ");
        if (fulfilled) {
            text.append("3-2-1 is fulfilled by ").append(backup.orElse(""));
            text.append(" in ").append(names());
        } else {
            text.append("3-2-1 is NOT fulfilled");
        }
        text.append('.');
        missing.forEach(sentence -> text.append("\n  ").append(sentence));
        return text.toString();
    }

    private String names() {
        return String.join(", ", holders.stream().map(Place::name).toList());
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("source", source).put("fulfilled", fulfilled);
        backup.ifPresent(id -> json.put("backup", id));
        newest.ifPresent(id -> json.put("newest", id));
        ArrayNode places = json.putArray("holders");
        holders.forEach(place -> places.add(place.toJson()));
        ArrayNode sentences = json.putArray("missing");
        missing.forEach(sentences::add);
        return json;
    }
}
