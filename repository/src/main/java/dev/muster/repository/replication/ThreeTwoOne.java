package dev.muster.repository.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The rule: three copies, on two kinds of media, one offsite. Pure; who asks has found out who holds what. */
final class ThreeTwoOne {
    private static final int COPIES = 3;
    private static final int MEDIA = 2;

    private ThreeTwoOne() {}

    /**
     * @param holders who has all of each backup, by its id
     * @param live where the database itself is, if it counts as a copy
     * @param troubles of stores that could not be asked
     */
    static SourceProtection judge(
            String source, NavigableMap<String, List<Place>> holders, Optional<Place> live, List<String> troubles) {
        List<String> missing = new ArrayList<>(troubles);
        if (holders.isEmpty()) {
            missing.add("No store that answers has a committed backup.");
            return new SourceProtection(source, Optional.empty(), List.of(), false, Optional.empty(), missing);
        }
        String newest = holders.lastKey();
        List<String> ofNewest = wanting(newest, with(live, holders.getOrDefault(newest, List.of())));
        missing.addAll(ofNewest);
        for (Map.Entry<String, List<Place>> backup :
                new TreeMap<>(holders).descendingMap().entrySet()) {
            if (wanting(backup.getKey(), with(live, backup.getValue())).isEmpty()) {
                return new SourceProtection(
                        source,
                        Optional.of(backup.getKey()),
                        with(live, backup.getValue()),
                        true,
                        Optional.of(newest),
                        missing);
            }
        }
        return new SourceProtection(
                source,
                Optional.of(newest),
                with(live, holders.getOrDefault(newest, List.of())),
                false,
                Optional.of(newest),
                missing);
    }

    private static List<Place> with(Optional<Place> live, List<Place> places) {
        List<Place> all = new ArrayList<>();
        live.ifPresent(all::add);
        all.addAll(places);
        return all;
    }

    private static List<String> wanting(String backup, List<Place> places) {
        List<String> wanting = new ArrayList<>();
        String names = places.isEmpty()
                ? "nowhere"
                : "in " + String.join(", ", places.stream().map(Place::name).toList());
        if (places.size() < COPIES) {
            wanting.add("The backup " + backup + " is whole " + names + ": " + places.size() + " of " + COPIES
                    + " copies.");
        }
        long media = places.stream().map(Place::medium).distinct().count();
        if (media < MEDIA) {
            wanting.add("The backup " + backup + " is on " + media + " kind" + (media == 1 ? "" : "s") + " of media; "
                    + MEDIA + " are needed.");
        }
        if (places.stream().noneMatch(Place::offsite)) {
            wanting.add("The backup " + backup + " is not offsite: it is lost with the site.");
        }
        return wanting;
    }
}
