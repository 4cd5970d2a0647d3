package dev.muster.embedded.demo;

import java.util.ArrayList;
import java.util.List;

/** What the demo must show. One that does not hold fails the demo, and says which. */
final class Expectations {
    private final List<String> failed = new ArrayList<>();
    private int held;

    /** @param what a sentence that should be true */
    void that(boolean holds, String what) {
        if (holds) {
            held++;
        } else {
            failed.add(what);
        }
    }

    int held() {
        return held;
    }

    List<String> failed() {
        return List.copyOf(failed);
    }
}
