package dev.muster.postgres.checks;

import java.util.List;

/**
 * What a checksum check found.
 *
 * @param files relation files that were read
 * @param pages whole pages that were checked
 * @param bytes read, misaligned tails included
 * @param bad pages whose checksum was wrong every time they were read
 * @param listed the first hundred of them, by path and block
 */
public record ChecksumReport(long files, long pages, long bytes, long bad, List<BadPage> listed) {
    /**
     * A damaged page.
     *
     * @param path relative to the data directory
     * @param block number in the relation, counted over all of its files
     * @param stored the checksum that the page carries
     * @param computed the checksum that its content has
     */
    public record BadPage(String path, long block, int stored, int computed) {}

    public boolean passed() {
        return bad == 0;
    }
}
