package dev.muster.runbooks;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Refuses names that stand twice, and names of nothing, in what was not read from a checked document. */
final class References {
    private References() {}

    static <T> Set<String> unique(String what, List<T> items, Function<T, String> name) {
        Set<String> seen = new HashSet<>();
        for (T item : items) {
            if (!seen.add(name.apply(item))) {
                throw new IllegalArgumentException("Two of the same " + what + ": '" + name.apply(item) + "'");
            }
        }
        return seen;
    }

    static void known(String what, String name, Set<String> names) {
        if (!names.contains(name)) {
            throw new IllegalArgumentException("No such " + what + ": '" + name + "'");
        }
    }
}
