package dev.muster.runbooks.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where repositories are, as far as their URLs tell: a copy in the store of the original, or inside of it, goes with it.
 */
final class StorePlaces {
    private static final Pattern SETTINGS = Pattern.compile("\\?.*");
    private static final Pattern ENDPOINT = Pattern.compile("[?&]endpoint=([^&]*)");

    private StorePlaces() {}

    /** @param server which of those that speak the same protocol; empty for the usual one */
    private record Place(String name, String folder, String server) {
        static Place of(String name, String url) {
            Matcher endpoint = ENDPOINT.matcher(url);
            return new Place(
                    name,
                    SETTINGS.matcher(url).replaceFirst("").replaceAll("/+$", "") + "/",
                    endpoint.find() ? endpoint.group(1).replaceAll("/+$", "") : "");
        }

        boolean overlaps(Place other) {
            return server.equals(other.server) && (folder.startsWith(other.folder) || other.folder.startsWith(folder));
        }
    }

    static void check(List<Fields> repositories) {
        List<Place> before = new ArrayList<>();
        for (Fields repository : repositories) {
            Fields store = repository.at("store");
            store.text().ifPresent(url -> {
                Place place = Place.of(repository.at("name").text().orElse(""), url);
                before.stream()
                        .filter(place::overlaps)
                        .findFirst()
                        .ifPresent(other -> store.refuse(
                                "DUPLICATE_STORE",
                                "The repository '" + CommonFields.shortened(other.name())
                                        + "' is in the same store, or one of both lies inside of the other.",
                                "Give each repository a store of its own, elsewhere."));
                before.add(place);
            });
        }
    }
}
