package dev.muster.repository;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** The decision over a backup, as its COMMIT object holds it. Whoever creates the object first has decided. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
record Commit(
        String format,
        int version,
        State state,
        String source,
        String backup,
        String time,
        @Nullable String kind,
        @Nullable String parent,
        @Nullable Manifest manifest,
        @Nullable ObjectNode summary) {
    static final String FORMAT = "muster-commit";
    static final int VERSION = 1;

    enum State {
        @JsonProperty("committed")
        COMMITTED,
        @JsonProperty("aborted")
        ABORTED
    }

    /**
     * @param sha256 of the stored object's bytes, hexadecimal
     * @param size of the stored object in bytes
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Manifest(String sha256, long size) {}

    @JsonCreator
    Commit {
        boolean complete = FORMAT.equals(format) && version == VERSION && state != null && source != null;
        if (!complete || backup == null || time == null) {
            throw new IllegalArgumentException("a field is missing or has an unknown version");
        }
        boolean described = manifest != null && summary != null && kind != null;
        if (state == State.COMMITTED && !described) {
            throw new IllegalArgumentException("a committed backup needs kind, manifest and summary");
        }
    }
}
