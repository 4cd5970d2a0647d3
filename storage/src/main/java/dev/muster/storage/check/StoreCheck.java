package dev.muster.storage.check;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Asks a store to do everything that a repository needs of it, under a prefix of its own, and removes what it made. It
 * is safe in a store that is in use. Bounded: some 1,100 small objects, three large ones, two minutes at most for
 * either.
 */
public final class StoreCheck {
    /** Where everything is that a check makes. */
    public static final String PREFIX = "muster-store-check/";

    private static final Duration SKEW = Duration.ofMinutes(1);

    private final ObjectStore store;
    private final Clock clock;
    private final String prefix;
    private final int listed;
    private final Findings findings = new Findings();

    public StoreCheck(ObjectStore store, Clock clock) {
        this(store, clock, 1_050);
    }

    /** @param listed how many objects a listing is tried with; more than 1,000 is more than a page */
    StoreCheck(ObjectStore store, Clock clock, int listed) {
        this.store = store;
        this.listed = listed;
        this.clock = clock;
        byte[] name = new byte[8];
        new java.security.SecureRandom().nextBytes(name);
        this.prefix = PREFIX + HexFormat.of().formatHex(name) + "/";
    }

    /** Looks at everything; what goes wrong is in the report. */
    public CheckReport run() {
        if (findings.probe("reach", this::reach)) {
            try {
                if (findings.probe("create", this::create)) {
                    findings.probe("missing", this::missing);
                    findings.probe("clock", this::clock);
                    findings.probe("create-only", new CreateOnlyProbe(store, prefix, findings)::look);
                    findings.probe("parts", new TransferProbe(store, prefix, findings)::look);
                    findings.probe("listing", new ListingProbe(store, prefix, findings, listed)::look);
                    findings.probe("lock", new LockProbe(store, prefix, findings, clock)::look);
                }
            } finally {
                findings.probe("delete", this::delete);
            }
        }
        return new CheckReport(store.url(), findings.items());
    }

    private void reach() {
        store.list(prefix, info -> {});
        findings.ok("reach", "The store answers, and may be listed.");
    }

    private void create() throws IOException {
        byte[] content = new byte[1000];
        new Random(1).nextBytes(content);
        String key = prefix + "small";
        store.create(key, new ByteArrayInputStream(content));
        try (InputStream read = store.open(key)) {
            if (!Arrays.equals(read.readAllBytes(), content)) {
                throw new IOException("an object comes back with other bytes than were written");
            }
        }
        findings.ok("create", "An object can be created, and comes back as it was.");
        try {
            store.delete(key);
        } catch (StoreException e) {
            // What that means is said at the end, of all deletions.
            return;
        }
        try {
            store.create(key, new ByteArrayInputStream(content));
        } catch (ObjectExistsException e) {
            findings.warn(
                    "reuse",
                    "A name cannot be used again after its object was deleted: the server takes delete markers for"
                            + " objects. Nothing is at risk, but an interrupted backup may have to be begun anew.");
        }
    }

    private void missing() throws IOException {
        String key = prefix + "never-created";
        if (store.find(key).isPresent()) {
            findings.bad("missing", "The store says that it has an object that nobody created.");
            return;
        }
        try (InputStream read = store.open(key)) {
            findings.bad(
                    "missing",
                    "The store has " + read.readAllBytes().length + " bytes for an object that nobody created.");
        } catch (ObjectMissingException e) {
            findings.ok("missing", "What is not there is said to be missing, which is told apart from no permission.");
        }
    }

    private void clock() {
        String key = prefix + "now";
        Instant before = clock.instant();
        store.create(key, new ByteArrayInputStream("now".getBytes(StandardCharsets.UTF_8)));
        Instant after = clock.instant();
        Optional<Instant> stored = store.find(key).map(ObjectInfo::modified);
        if (stored.isEmpty()) {
            findings.bad("clock", "An object that was created is not found right after.");
            return;
        }
        Instant theirs = stored.get();
        // Stores cut off fractions of a second.
        Duration skew = theirs.isBefore(before.minusSeconds(1))
                ? Duration.between(theirs, before)
                : theirs.isAfter(after) ? Duration.between(after, theirs) : Duration.ZERO;
        if (skew.compareTo(SKEW) > 0) {
            findings.warn(
                    "clock",
                    "The clocks of this machine and of the store are " + skew.toSeconds()
                            + " seconds apart. Set them right (NTP): retention goes by both, and S3 refuses requests"
                            + " above 15 minutes.");
        } else {
            findings.ok("clock", "The clocks of this machine and of the store are less than a minute apart.");
        }
    }

    private void delete() {
        List<String> left = new ArrayList<>();
        store.list(prefix, info -> left.add(info.key()));
        Optional<StoreException> denied = Parallel.each(left, store::delete);
        if (denied.isPresent() && denied.get().code().equals("STORE_DENIED")) {
            findings.warn(
                    "delete",
                    "These credentials may not delete: expired backups stay, and so do " + left.size()
                            + " objects of this check under " + prefix + " ("
                            + denied.get().getMessage() + ").");
            return;
        }
        if (denied.isPresent()) {
            throw denied.get();
        }
        List<String> still = new ArrayList<>();
        store.list(prefix, info -> still.add(info.key()));
        if (still.isEmpty()) {
            findings.ok(
                    "delete",
                    left.isEmpty()
                            ? "Nothing was left to remove."
                            : "Objects can be deleted; what this check made is gone.");
        } else {
            findings.bad(
                    "delete",
                    still.size() + " objects are still listed after they were deleted, under " + prefix + ".");
        }
    }
}
