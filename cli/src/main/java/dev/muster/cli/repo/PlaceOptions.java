package dev.muster.cli.repo;

import dev.muster.repository.replication.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where stores are, which nobody can see from the stores: typed, or in a small file. */
final class PlaceOptions {
    private static final String VERB = "repo replicate";
    private static final String LIVE = "live";

    @Option(
            names = "--place",
            paramLabel = "URL=NAME,MEDIUM,SITE",
            description =
                    "Of a store, or of the database itself as 'live': what it is called, what it is kept on (disk,"
                            + " s3, tape …), and onsite or offsite; several times.")
    private List<String> places = List.of();

    @Option(names = "--places", paramLabel = "FILE", description = "A file with such lines, and # comments.")
    private @Nullable Path file;

    /** @param byUrl of stores */
    record Places(Map<String, Place> byUrl, Optional<Place> live) {
        Place of(String url) {
            return Refusal.unless(
                    Optional.ofNullable(byUrl.get(url)),
                    "Nothing says where " + url + " is: --place '" + url + "=NAME,MEDIUM,offsite'.",
                    VERB);
        }
    }

    Places read() {
        Map<String, Place> byUrl = new LinkedHashMap<>();
        for (String line : lines()) {
            int equals = line.lastIndexOf('=');
            String[] parts = line.substring(equals + 1).split(",", -1);
            boolean whole = equals > 0 && parts.length == 3 && !parts[0].isBlank() && !parts[1].isBlank();
            String site = whole ? parts[2].strip() : "";
            if (!site.equals("onsite") && !site.equals("offsite")) {
                throw Refusal.of("'" + line + "' is no place; file:///backup=cellar,disk,onsite is one.", VERB);
            }
            Place place = new Place(parts[0].strip(), parts[1].strip(), site.equals("offsite"));
            if (byUrl.put(line.substring(0, equals).strip(), place) != null) {
                throw Refusal.of(
                        "There are two places for " + line.substring(0, equals).strip() + ".", VERB);
            }
        }
        Optional<Place> live = Optional.ofNullable(byUrl.remove(LIVE));
        return new Places(byUrl, live);
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>(places);
        if (file != null) {
            try {
                Files.readAllLines(file).stream()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .forEach(lines::add);
            } catch (NoSuchFileException e) {
                throw Refusal.of("The file of places " + file + " does not exist.", VERB);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + file, e);
            }
        }
        return lines;
    }
}
