package dev.muster.postgres.wal;

import java.nio.file.Path;
import java.util.List;

/** Where PostgreSQL's restore_command gets its files from: segments and history files, by name. */
public interface WalSource {
    /**
     * Writes a file whole.
     *
     * @param name as PostgreSQL asks for it: {@code 000000010000000000000003}, {@code 00000002.history}
     * @param target a path where no file is yet
     * @return false only if it is certain that there is no such file; nothing is written then
     */
    boolean fetch(String name, Path target);

    /**
     * The complete segments that follow a segment without a gap, in order, for fetching ahead.
     *
     * @param count at most so many
     */
    List<String> following(String name, int count);
}
