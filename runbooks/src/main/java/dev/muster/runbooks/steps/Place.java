package dev.muster.runbooks.steps;

import com.fasterxml.jackson.annotation.JsonValue;

/** In which kind of place a step runs, and so on which task queue. */
public enum Place {
    CONTROL("control"),
    SITE("site"),
    HOST("host");

    private final String id;

    Place(String id) {
        this.id = id;
    }

    @JsonValue
    public String id() {
        return id;
    }

    /** The task queue: {@code control}, {@code site-<site>} or {@code host-<host>}. */
    public String queue(String site, String host) {
        return switch (this) {
            case CONTROL -> id;
            case SITE -> id + "-" + site;
            case HOST -> id + "-" + host;
        };
    }
}
