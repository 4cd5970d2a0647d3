package dev.muster.postgres.wal;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** The little that WAL needs of a repository: named, encrypted objects of any length. */
interface WalObjects {
    /**
     * 16 hexadecimal digits that name a content without giving it away.
     *
     * @param digest SHA-256 of the content
     */
    String nameHash(byte[] digest);

    /** @throws ObjectExistsException if the key is taken */
    void write(String key, InputStream content) throws IOException;

    /** The content, verified while it is read. */
    InputStream read(String key);

    void list(String prefix, Consumer<ObjectInfo> each);
}
