package dev.muster.repository.replication;

import dev.muster.repository.Repository;
import java.util.Optional;

/**
 * One of the stores that hold, or should hold, a copy.
 *
 * @param repository as it is there; nothing if the store is down or empty: then it counts as no copy
 * @param trouble why not, in a sentence; empty if there is none
 */
public record StoreCopy(Place place, Optional<Repository> repository, String trouble) {
    public static StoreCopy of(Place place, Repository repository) {
        return new StoreCopy(place, Optional.of(repository), "");
    }

    public static StoreCopy away(Place place, String trouble) {
        return new StoreCopy(place, Optional.empty(), trouble);
    }
}
