package dev.muster.postgres.walscan;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What relations and databases were called at one moment.
 *
 * @param relations those asked for that were found, by file
 * @param databases name by oid
 * @param doubts why a name is missing or may be wrong, in words; empty: all exact
 */
public record NamesThen(Map<RelationFile, RelationThen> relations, Map<Long, String> databases, List<String> doubts) {
    public Optional<RelationThen> relation(RelationFile file) {
        return Optional.ofNullable(relations.get(file));
    }
}
