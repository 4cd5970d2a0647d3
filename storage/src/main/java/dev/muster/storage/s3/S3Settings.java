package dev.muster.storage.s3;

import dev.muster.storage.ObjectKey;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreUrl;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;

/**
 * What a URL of an S3 store says.
 *
 * @param prefix of every key in the bucket, with its slash at the end; may be empty
 * @param checksums whether requests carry checksums in headers that only newer servers know
 * @param conditional whether the server is trusted to refuse the second creation of an object
 * @param partSize of an upload in parts, in bytes
 * @param maxParts of one upload, as the server allows
 * @param parallel how many parts of the usual size are on their way at once, for all objects of the store
 * @param readTimeout without any byte
 * @param callTimeout of one request as a whole, besides the time that its content needs
 * @param lockMode and its retention: of every new object
 */
record S3Settings(
        StoreUrl url,
        String bucket,
        String prefix,
        Optional<String> region,
        Optional<URI> endpoint,
        boolean pathStyle,
        boolean checksums,
        boolean conditional,
        int partSize,
        int maxParts,
        int parallel,
        Duration connectTimeout,
        Duration readTimeout,
        Duration callTimeout,
        Optional<ObjectLockMode> lockMode,
        Retention retention) {
    /** Names of the settings. */
    static final Set<String> NAMES = Set.of(
            "region",
            "endpoint",
            "path-style",
            "checksums",
            "conditional",
            "access-key",
            "secret-key",
            "session-token",
            "part-size",
            "max-parts",
            "parallel",
            "connect-timeout",
            "read-timeout",
            "call-timeout",
            "lock",
            "lock-days");

    private static final long LEAST_PART = 5L << 20;
    private static final long MOST_PART = 512L << 20;

    static S3Settings of(StoreUrl url) {
        if (!url.place().matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
            throw url.invalid("'" + url.place() + "' is no name of a bucket");
        }
        if (!url.path().isEmpty() && !ObjectKey.valid(url.path())) {
            throw url.invalid("its path is made of parts of letters, digits and . _ - + = @");
        }
        if (url.setting("access-key").isPresent() != url.setting("secret-key").isPresent()) {
            throw url.invalid("access-key and secret-key go together");
        }
        if (url.setting("session-token").isPresent()
                && url.setting("access-key").isEmpty()) {
            throw url.invalid("session-token needs access-key and secret-key");
        }
        Optional<ObjectLockMode> lock = lock(url);
        return new S3Settings(
                url,
                url.place(),
                url.path().isEmpty() ? "" : url.path() + "/",
                url.setting("region"),
                url.setting("endpoint").map(text -> endpoint(url, text)),
                url.flag("path-style", false),
                checksums(url),
                url.flag("conditional", true),
                partSize(url),
                url.count("max-parts", 10_000, 100, 10_000),
                url.count("parallel", 4, 1, 64),
                url.duration("connect-timeout", Duration.ofSeconds(5)),
                url.duration("read-timeout", Duration.ofSeconds(30)),
                url.duration("call-timeout", Duration.ofMinutes(1)),
                lock,
                lock.isEmpty()
                        ? Retention.none()
                        : Retention.of(Duration.ofDays(url.count("lock-days", 0, 1, 36_500))));
    }

    private static URI endpoint(StoreUrl url, String text) {
        try {
            URI endpoint = URI.create(text);
            boolean web = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
            if (web && endpoint.getHost() != null && endpoint.getUserInfo() == null) {
                return endpoint;
            }
        } catch (IllegalArgumentException e) {
            throw url.invalid("the endpoint is no address: " + e.getMessage());
        }
        throw url.invalid("the endpoint is of the form https://host:port, without a user");
    }

    private static boolean checksums(StoreUrl url) {
        return switch (url.setting("checksums").orElse("when-required")) {
            case "when-required" -> false;
            case "when-supported" -> true;
            default -> throw url.invalid("the setting 'checksums' is when-required or when-supported");
        };
    }

    private static int partSize(StoreUrl url) {
        long size = url.bytes("part-size").orElse(16L << 20);
        if (size < LEAST_PART || size > MOST_PART) {
            throw url.invalid("the setting 'part-size' is from 5MiB to 512MiB");
        }
        return (int) size;
    }

    private static Optional<ObjectLockMode> lock(StoreUrl url) {
        if (url.setting("lock").isPresent() != url.setting("lock-days").isPresent()) {
            throw url.invalid("lock and lock-days go together");
        }
        return url.setting("lock").map(mode -> switch (mode) {
            case "governance" -> ObjectLockMode.GOVERNANCE;
            case "compliance" -> ObjectLockMode.COMPLIANCE;
            default -> throw url.invalid("the setting 'lock' is governance or compliance");
        });
    }

    /** Of the part with this number, from 0; grows late, so that an object of 5 TiB fits and usual ones need little. */
    int partSize(int number) {
        int half = maxParts / 2;
        if (number < half) {
            return partSize;
        }
        long steps = 2 + (number - half) * 127L / (maxParts - half);
        return (int) Math.min(partSize * steps, 2040L << 20);
    }

    /** For a request with so much content, at no less than 100 kB a second. */
    Duration timeout(long content) {
        return callTimeout.plusMillis(content / 100);
    }
}
