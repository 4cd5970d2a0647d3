package dev.muster.runbooks.yaml;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The names of a list's items; where it is no list, that is the only problem to tell.
 *
 * @param what such as "site"
 */
record Names(String what, boolean list, Set<String> all) {
    /** Tells names that stand twice. */
    static Names of(Fields list, String what) {
        Set<String> names = new LinkedHashSet<>();
        for (Fields item : list.items()) {
            item.at("name")
                    .text()
                    .filter(name -> !names.add(name))
                    .ifPresent(name -> item.at("name")
                            .refuse(
                                    "DUPLICATE_NAME",
                                    "There is another " + what + " '" + CommonFields.shortened(name)
                                            + "' in this system.",
                                    "Give each " + what + " its own name."));
        }
        return new Names(what, list.isList(), names);
    }

    /** Tells a field that holds none of them. */
    void known(Fields field) {
        if (list) {
            CommonFields.known(field, what, all);
        }
    }

    /** Tells every item that is none of them. */
    void allKnown(Fields field) {
        List<Fields> items = field.items();
        items.forEach(this::known);
    }
}
