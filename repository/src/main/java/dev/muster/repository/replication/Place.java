package dev.muster.repository.replication;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Where a store is, as its owner says; nobody can see it from the store.
 *
 * @param name unique among a repository's stores, for people
 * @param medium what kind it is kept on, such as {@code disk}, {@code s3} or {@code tape}: two of one kind may fail alike
 * @param offsite whether it outlives the loss of the site that the database is at
 */
public record Place(String name, String medium, boolean offsite) {
    public Place {
        if (name.isBlank() || medium.isBlank()) {
            throw new IllegalArgumentException("A store's place needs a name and a medium");
        }
    }

    ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("name", name)
                .put("medium", medium)
                .put("offsite", offsite);
    }
}
