package dev.muster.storage.check;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Whether an object is created once, whoever comes second, and however close. */
final class CreateOnlyProbe {
    private static final int CREATORS = 16;
    private static final int ROUNDS = 4;

    private final ObjectStore store;
    private final String prefix;
    private final Findings findings;

    CreateOnlyProbe(ObjectStore store, String prefix, Findings findings) {
        this.store = store;
        this.prefix = prefix;
        this.findings = findings;
    }

    void look() throws IOException {
        if (!laterCreatorRefused()) {
            findings.bad(
                    "create-only",
                    "A second creation of an object replaced the first: the store ignores If-None-Match. Two writers can"
                            + " destroy each other's backups here. Update the server; with conditional=false in the URL"
                            + " Muster looks before it writes, which is safe with one writer only.");
            return;
        }
        int most = 0;
        for (int round = 0; round < ROUNDS; round++) {
            most = Math.max(most, winners(prefix + "race-" + round));
        }
        if (most == 1) {
            findings.ok(
                    "create-only", "An object is created once: of " + CREATORS + " that tried at once, one succeeded.");
        } else {
            findings.bad(
                    "create-only",
                    "Of " + CREATORS + " that created one object at the same time, " + most + " were told that they"
                            + " succeeded: the store looks and writes in two steps. It is safe with one writer only.");
        }
    }

    private boolean laterCreatorRefused() throws IOException {
        String key = prefix + "once";
        try (ObjectWriter late = store.create(key)) {
            late.write(new byte[] {2}, 0, 1);
            store.create(key, new ByteArrayInputStream(new byte[] {1}));
            late.commit();
            return false;
        } catch (ObjectExistsException e) {
            try (InputStream content = store.open(key)) {
                return content.read() == 1;
            }
        }
    }

    private int winners(String key) {
        AtomicInteger winners = new AtomicInteger();
        List<String> creators =
                IntStream.range(0, CREATORS).mapToObj(Integer::toString).toList();
        Optional<StoreException> trouble = Parallel.each(creators, creator -> {
            try {
                store.create(key, new ByteArrayInputStream(creator.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
                winners.incrementAndGet();
            } catch (ObjectExistsException e) {
                // As it should be, for all but one.
            }
        });
        if (trouble.isPresent()) {
            throw trouble.get();
        }
        return winners.get();
    }
}
