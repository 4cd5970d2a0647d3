package dev.muster.sources;

/** Watches a long backup or restore. Called from several threads, often; must return at once. */
public interface Progress {
    /** Nobody watches. */
    Progress NONE = (files, bytes) -> {};

    /**
     * @param files so far
     * @param bytes of content so far
     */
    void advanced(long files, long bytes);
}
