package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A service around the databases, at one site: the same name at two sites is the same service twice.
 *
 * @param start an entry of the allow-list of the site's workers; null where it runs anyway
 * @param stop likewise; null where nothing stops it
 * @param scale null where it is not scaled
 * @param check the endpoint that answers when it is there; null for none
 * @param order lower ones are started first and stopped last; 0 to 1000
 * @param timeoutSeconds of each of its commands
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Workload(
        String name,
        String site,
        @Nullable String start,
        @Nullable String stop,
        @Nullable Scale scale,
        @Nullable String check,
        int order,
        long timeoutSeconds) {
    public static final int DEFAULT_ORDER = 100;
    public static final int LARGEST_ORDER = 1000;
    public static final long DEFAULT_TIMEOUT = 300;

    public Workload {
        Name.check("workload", name);
        Name.check("site", site);
        if (start == null && scale == null) {
            throw new IllegalArgumentException("A workload is started or scaled");
        }
        if (order < 0 || order > LARGEST_ORDER) {
            throw new IllegalArgumentException("An order is 0 to " + LARGEST_ORDER + ", not " + order);
        }
        if (timeoutSeconds < 1) {
            throw new IllegalArgumentException("A time-out is 1s or more, not " + timeoutSeconds + "s");
        }
    }

    /**
     * @param command an entry of the allow-list of the site's workers
     * @param capacity how many instances serve the whole load, above 0
     */
    public record Scale(String command, int capacity) {
        public Scale {
            Name.check("command", command);
            if (capacity < 1) {
                throw new IllegalArgumentException("A capacity is above 0, not " + capacity);
            }
        }
    }
}
