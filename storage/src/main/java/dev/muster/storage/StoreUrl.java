package dev.muster.storage;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a store is and how it is reached, in one line that may be written anywhere, since it names secrets and holds
 * none: {@code scheme://place/path?setting=value&setting=value}.
 *
 * @param scheme lower case
 * @param place a bucket, an account; empty for a local folder
 * @param path decoded, without a slash at either end, but for a local folder's; may be empty
 * @param settings by name
 */
public record StoreUrl(String scheme, String place, String path, Map<String, String> settings) {
    private static final int MAX_LENGTH = 4096;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMG])(i?)B");
    private static final Pattern TIME = Pattern.compile("(\\d{1,6})(ms|s|m)");

    public StoreUrl {
        settings = Collections.unmodifiableMap(new TreeMap<>(settings));
    }

    /** @throws StoreException STORE_URL_INVALID */
    public static StoreUrl parse(String url) {
        if (url.length() > MAX_LENGTH) {
            throw invalid(url.substring(0, 100) + "...", "it is longer than " + MAX_LENGTH + " characters");
        }
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw invalid(url, e.getReason());
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.isOpaque() || uri.getFragment() != null || scheme.isEmpty()) {
            throw invalid(url, "it is not of the form scheme://place/path?setting=value");
        }
        String place = uri.getAuthority() == null ? "" : uri.getAuthority();
        if (place.contains("@") || place.contains(":")) {
            throw invalid(withoutUser(url), "it names a user or a port before the path");
        }
        String path = uri.getPath() == null ? "" : uri.getPath();
        if (!scheme.equals("file")) {
            path = path.replaceAll("^/+|/+$", "");
        }
        return new StoreUrl(scheme, place, path, settings(url, uri.getRawQuery()));
    }

    private static Map<String, String> settings(String url, @Nullable String query) {
        Map<String, String> settings = new TreeMap<>();
        if (query == null) {
            return settings;
        }
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw invalid(url, "'" + pair + "' is no setting=value");
            }
            String name = pair.substring(0, equals);
            String value = URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
            if (settings.put(name, value) != null) {
                throw invalid(url, "the setting '" + name + "' is there twice");
            }
        }
        return settings;
    }

    /** @throws StoreException STORE_URL_INVALID if there are others: a setting that nobody reads is a mistake */
    public void refuseSettingsBut(Set<String> known) {
        for (String name : settings.keySet()) {
            if (!known.contains(name)) {
                throw invalid(
                        toString(),
                        "a store of this kind has no setting '" + name + "', only "
                                + String.join(", ", new TreeSet<>(known)));
            }
        }
    }

    public Optional<String> setting(String name) {
        return Optional.ofNullable(settings.get(name));
    }

    /** @throws StoreException STORE_URL_INVALID if it is neither true nor false */
    public boolean flag(String name, boolean byDefault) {
        String value = settings.getOrDefault(name, Boolean.toString(byDefault));
        if (!value.equals("true") && !value.equals("false")) {
            throw invalid(toString(), "the setting '" + name + "' is true or false");
        }
        return value.equals("true");
    }

    /** @throws StoreException STORE_URL_INVALID if it is no number or out of bounds */
    public int count(String name, int byDefault, int least, int most) {
        String value = settings.getOrDefault(name, Integer.toString(byDefault));
        if (!value.matches("\\d{1,9}") || Integer.parseInt(value) < least || Integer.parseInt(value) > most) {
            throw invalid(toString(), "the setting '" + name + "' is a number from " + least + " to " + most);
        }
        return Integer.parseInt(value);
    }

    /**
     * A number of bytes: {@code 500KB}, {@code 50MB}, {@code 1GB}, by thousands, or {@code 16MiB}, by 1,024.
     *
     * @throws StoreException STORE_URL_INVALID if it is none
     */
    public Optional<Long> bytes(String name) {
        return setting(name).map(value -> {
            Matcher size = SIZE.matcher(value);
            if (!size.matches() || Long.parseLong(size.group(1)) == 0) {
                throw invalid(toString(), "the setting '" + name + "' is a number of bytes such as 50MB or 16MiB");
            }
            long unit = size.group(3).isEmpty() ? 1000 : 1024;
            long number = Long.parseLong(size.group(1));
            return switch (size.group(2)) {
                case "K" -> number * unit;
                case "M" -> number * unit * unit;
                default -> number * unit * unit * unit;
            };
        });
    }

    /**
     * A time: {@code 500ms}, {@code 30s}, {@code 5m}.
     *
     * @throws StoreException STORE_URL_INVALID if it is none
     */
    public Duration duration(String name, Duration byDefault) {
        return setting(name)
                .map(value -> {
                    Matcher time = TIME.matcher(value);
                    if (!time.matches() || Long.parseLong(time.group(1)) == 0) {
                        throw invalid(toString(), "the setting '" + name + "' is a time such as 500ms, 30s, 5m");
                    }
                    long number = Long.parseLong(time.group(1));
                    return switch (time.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        default -> Duration.ofMinutes(number);
                    };
                })
                .orElse(byDefault);
    }

    /**
     * What a setting that names a secret refers to: {@code env:NAME} or {@code file:/absolute/path}, whose surrounding
     * white space does not count.
     *
     * @throws StoreException STORE_URL_INVALID if it is no reference, SECRET_MISSING if nothing is there
     */
    public Optional<String> secret(String name) {
        return setting(name).map(reference -> {
            if (reference.startsWith("env:")) {
                String value = System.getenv(reference.substring("env:".length()));
                if (value == null || value.isBlank()) {
                    throw missing(name, reference, null);
                }
                return value.strip();
            }
            if (!reference.startsWith("file:/")) {
                throw invalid(withoutValue(name), "the setting '" + name + "' is a reference, env:NAME or file:/PATH");
            }
            try {
                String value = Files.readString(Path.of(reference.substring("file:".length())))
                        .strip();
                if (value.isEmpty()) {
                    throw missing(name, reference, null);
                }
                return value;
            } catch (IOException e) {
                throw missing(name, reference, e);
            }
        });
    }

    private StoreException missing(String name, String reference, @Nullable IOException cause) {
        String message = "The store's setting '" + name + "' refers to " + reference + ", and nothing is there";
        String hint = "Set it in the environment or the file of the process that uses the store, and let it read it.";
        return cause == null
                ? new StoreException("SECRET_MISSING", message + ".", hint)
                : new StoreException("SECRET_MISSING", message + ": " + cause + ".", hint, cause);
    }

    /** Somebody wrote the secret itself: it is not repeated. */
    private String withoutValue(String name) {
        Map<String, String> shown = new TreeMap<>(settings);
        shown.put(name, "...");
        return new StoreUrl(scheme, place, path, shown).toString();
    }

    private static String withoutUser(String url) {
        return url.replaceAll("//[^/]*@", "//...@");
    }

    /** What a driver says of a URL that it cannot use. */
    public StoreException invalid(String why) {
        return invalid(toString(), why);
    }

    static StoreException invalid(String url, String why) {
        return new StoreException(
                "STORE_URL_INVALID",
                "Not a store's URL: '" + url + "': " + why + ".",
                "Write file:///absolute/folder, with %20 for a space; docs/reference/stores.md has the other kinds.");
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(scheme + "://" + place);
        if (!path.isEmpty()) {
            text.append(path.startsWith("/") ? "" : "/").append(encoded(path));
        }
        char before = '?';
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            text.append(before)
                    .append(setting.getKey())
                    .append('=')
                    .append(URLEncoder.encode(setting.getValue(), StandardCharsets.UTF_8)
                            .replace("%2F", "/")
                            .replace("%3A", ":"));
            before = '&';
        }
        return text.toString();
    }

    private static String encoded(String path) {
        try {
            return new URI(null, null, path, null).getRawPath();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("A path that was parsed cannot be written: " + path, e);
        }
    }
}
