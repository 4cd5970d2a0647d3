package dev.muster.storage.check;

import dev.muster.storage.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is found, as it is found. */
final class Findings {
    /** A look at one thing. */
    interface Probe {
        void look() throws IOException;
    }

    private final List<CheckItem> items = new ArrayList<>();

    void ok(String name, String sentence) {
        items.add(new CheckItem(name, Verdict.OK, sentence));
    }

    void warn(String name, String sentence) {
        items.add(new CheckItem(name, Verdict.WARN, sentence));
    }

    void bad(String name, String sentence) {
        items.add(new CheckItem(name, Verdict.BAD, sentence));
    }

    /** Looks; trouble on the way is bad. Returns whether there was none. */
    boolean probe(String name, Probe probe) {
        try {
            probe.look();
            return true;
        } catch (StoreException e) {
            bad(name, e.code() + ": " + e.getMessage() + " " + e.hint());
        } catch (IOException e) {
            bad(name, "A read broke off: " + e.getMessage());
        }
        return false;
    }

    List<CheckItem> items() {
        return items;
    }
}
