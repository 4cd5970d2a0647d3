package dev.muster.storage.check;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Whether a listing of more than a page is whole and in order, and shows what was just created. */
final class ListingProbe {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ObjectStore store;
    private final String prefix;
    private final Findings findings;
    private final int many;

    ListingProbe(ObjectStore store, String prefix, Findings findings, int many) {
        this.many = many;
        this.store = store;
        this.prefix = prefix + "list/";
        this.findings = findings;
    }

    void look() {
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            wanted.add(prefix + "many/" + Integer.toString(i, 36));
        }
        for (String tricky : List.of("a-b", "a/b", "a/b-c/d", "a/b.c", "a0", "A", "z/y/x")) {
            wanted.add(prefix + tricky);
        }
        long start = System.nanoTime();
        AtomicBoolean slow = new AtomicBoolean();
        Optional<StoreException> trouble = Parallel.each(wanted, key -> {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                slow.set(true);
            } else {
                store.create(key, new ByteArrayInputStream(new byte[] {1}));
            }
        });
        if (trouble.isPresent()) {
            throw trouble.get();
        }
        if (slow.get()) {
            findings.warn(
                    "listing",
                    "Creating " + many + " small objects took more than two minutes: listings were not tried.");
            return;
        }
        List<String> listed = new ArrayList<>();
        store.list(prefix, info -> listed.add(info.key()));
        wanted.sort(Comparator.naturalOrder());
        if (listed.equals(wanted)) {
            findings.ok("listing", "A listing of " + wanted.size() + " objects is whole and in order.");
        } else if (listed.size() == wanted.size() && listed.containsAll(wanted)) {
            findings.bad("listing", "A listing is not in the order of the keys, which Muster needs.");
        } else {
            findings.bad(
                    "listing",
                    "Of " + wanted.size() + " objects that were created, " + listed.size()
                            + " are listed: the server's paging is broken, or its listings lag behind.");
        }
    }
}
