package dev.muster.repository.replication;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.verification.Level;
import dev.muster.repository.verification.Verifier;
import dev.muster.storage.StoreException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Of each source, whether its backups are in three places, on two kinds of media, one offsite. */
public record ProtectionReport(Instant time, List<SourceProtection> sources) {
    /** Older backups are not looked at: who has to go back further has other worries. */
    private static final int NEWEST = 3;

    public ProtectionReport {
        sources = List.copyOf(sources);
    }

    /**
     * Looks at the newest backups of each source in each store: one counts where all that it names is there, ancestors' packs
     * included. Bytes are not read; that is for {@link Verifier#verifyContent}.
     *
     * @param live where the database is, if it is to count as the first of the three; empty to count backups only
     */
    public static ProtectionReport of(
            List<StoreCopy> stores, Optional<Place> live, Collection<String> sources, int threads, Clock clock) {
        List<SourceProtection> found = new ArrayList<>();
        for (String source : sources) {
            List<String> troubles = new ArrayList<>();
            Map<StoreCopy, Map<String, CommittedBackup>> backups =
                    backups(different(stores, troubles), source, troubles);
            NavigableMap<String, List<Place>> holders = new TreeMap<>();
            newest(backups).forEach(id -> holders.put(id, new ArrayList<>()));
            backups.forEach((store, there) -> holders.forEach((id, places) -> {
                CommittedBackup backup = there.get(id);
                if (backup != null && whole(store, backup, threads, clock, troubles)) {
                    places.add(store.place());
                }
            }));
            found.add(ThreeTwoOne.judge(source, holders, live, troubles));
        }
        return new ProtectionReport(clock.instant(), found);
    }

    private static List<StoreCopy> different(List<StoreCopy> stores, List<String> troubles) {
        List<StoreCopy> different = new ArrayList<>();
        for (StoreCopy store : stores) {
            Optional<StoreCopy> same =
                    different.stream().filter(other -> isSame(store, other)).findFirst();
            if (same.isPresent()) {
                troubles.add("The store " + store.place().name() + " is the same store as "
                        + same.get().place().name() + " and counts as no further copy.");
            } else {
                different.add(store);
            }
        }
        return different;
    }

    private static boolean isSame(StoreCopy one, StoreCopy other) {
        return one.repository().isPresent()
                && other.repository().isPresent()
                && SameStore.is(
                        one.repository().get().store(), other.repository().get().store());
    }

    private static Map<StoreCopy, Map<String, CommittedBackup>> backups(
            List<StoreCopy> stores, String source, List<String> troubles) {
        Map<StoreCopy, Map<String, CommittedBackup>> backups = new LinkedHashMap<>();
        for (StoreCopy store : stores) {
            if (store.repository().isEmpty()) {
                troubles.add("The store " + store.place().name() + " counts as no copy: " + store.trouble());
                continue;
            }
            Map<String, CommittedBackup> there = new TreeMap<>();
            try {
                store.repository()
                        .get()
                        .backups(source, unreadable -> troubles.add(in(store, unreadable.getMessage())))
                        .forEach(backup -> there.put(backup.id(), backup));
                backups.put(store, there);
            } catch (StoreException e) {
                troubles.add("The store " + store.place().name() + " counts as no copy: " + e.getMessage());
            }
        }
        return backups;
    }

    private static List<String> newest(Map<StoreCopy, Map<String, CommittedBackup>> backups) {
        return backups.values().stream()
                .flatMap(there -> there.keySet().stream())
                .distinct()
                .sorted((one, other) -> other.compareTo(one))
                .limit(NEWEST)
                .toList();
    }

    private static boolean whole(
            StoreCopy store, CommittedBackup backup, int threads, Clock clock, List<String> troubles) {
        Repository repository = store.repository().orElseThrow();
        try {
            var result = new Verifier(repository, clock, threads).verifyBackup(Level.LISTING, backup);
            if (result.problemCount() > 0) {
                troubles.add(in(store, result.problems().get(0).message()));
            }
            return result.backups() == 1 && result.sound();
        } catch (StoreException e) {
            troubles.add(in(store, String.valueOf(e.getMessage())));
            return false;
        }
    }

    private static String in(StoreCopy store, @Nullable String what) {
        return "In " + store.place().name() + ": " + what;
    }

    /** Of all sources; not if there is none, as in a store that lost everything. */
    public boolean fulfilled() {
        return !sources.isEmpty() && sources.stream().allMatch(SourceProtection::fulfilled);
    }

    /** For people. */
    public String text() {
        if (sources.isEmpty()) {
            return "3-2-1 is NOT fulfilled: there is no source.";
        }
        return String.join("\n", sources.stream().map(SourceProtection::text).toList());
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("time", time.toString()).put("fulfilled", fulfilled());
        ArrayNode list = json.putArray("sources");
        sources.forEach(source -> list.add(source.toJson()));
        return json;
    }
}
