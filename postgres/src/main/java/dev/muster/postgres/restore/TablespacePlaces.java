package dev.muster.postgres.restore;

import dev.muster.postgres.PostgresException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a restore puts tablespaces. Unless told otherwise beside the target and for it alone: a copy that wrote where the
 * source's tablespaces are would destroy the source (SAFETY Failover 14).
 *
 * @param moved absolute folders, by the tablespace's oid or its folder on the source
 * @param original whether those that are not moved go back to where they were on the source: for the live place only
 */
public record TablespacePlaces(Map<String, Path> moved, boolean original) {
    public TablespacePlaces {
        moved = Map.copyOf(moved);
        moved.forEach((from, to) -> {
            if (!to.isAbsolute()) {
                throw refused("the place " + to + " for " + from + " is not an absolute path");
            }
        });
    }

    /** All in {@code <target>-tablespaces/<oid>}. */
    public static TablespacePlaces besideTarget() {
        return new TablespacePlaces(Map.of(), false);
    }

    /** All where they were on the source. */
    public static TablespacePlaces asOnSource() {
        return new TablespacePlaces(Map.of(), true);
    }

    /**
     * As an operator gives them.
     *
     * @param texts each {@code OLD=NEW}; OLD is an oid or the folder on the source
     * @throws PostgresException TABLESPACE_PLACE_REFUSED
     */
    public static TablespacePlaces parse(List<String> texts, boolean original) {
        Map<String, Path> moved = new TreeMap<>();
        for (String text : texts) {
            int split = text.indexOf('=');
            if (split < 1 || split == text.length() - 1) {
                throw refused("'" + text + "' is not OLD=NEW");
            }
            // A folder as a person types it: the source says it without a slash at its end.
            String from = text.startsWith("/")
                    ? Path.of(text.substring(0, split)).normalize().toString()
                    : text.substring(0, split);
            if (moved.put(from, Path.of(text.substring(split + 1))) != null) {
                throw refused(from + " is named twice");
            }
        }
        return new TablespacePlaces(moved, original);
    }

    /** @param onSource its folder there */
    Path of(Path target, String oid, String onSource) {
        Path place = moved.getOrDefault(oid, moved.get(onSource));
        if (place != null) {
            return place.normalize();
        }
        if (original) {
            return Path.of(onSource).normalize();
        }
        return target.resolveSibling(target.getFileName() + "-tablespaces").resolve(oid);
    }

    static PostgresException refused(String why) {
        return new PostgresException(
                "TABLESPACE_PLACE_REFUSED",
                "The tablespaces cannot be restored like this: " + why,
                "Give each as OLD=NEW: OLD is its oid or its folder on the source, NEW an absolute folder of its own"
                        + " that is empty or does not exist, outside of the data directory.");
    }
}
