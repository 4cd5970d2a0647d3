package dev.muster.postgres.wal;

import dev.muster.repository.Repository;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.ContentHash;
import dev.muster.storage.ObjectInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** WAL as framed objects of a repository. */
record RepositoryWal(Repository repository) implements WalObjects {
    @Override
    public String nameHash(byte[] digest) {
        return repository.nameHash(ContentHash.of(digest));
    }

    @Override
    public void write(String key, InputStream content) throws IOException {
        repository.writeFramed(type(key), key, content);
    }

    @Override
    public InputStream read(String key) {
        return repository.readFramed(type(key), key);
    }

    private static ObjectType type(String key) {
        if (key.endsWith(".part")) {
            return ObjectType.WAL_PART;
        }
        return key.endsWith(".history") ? ObjectType.WAL_HISTORY : ObjectType.WAL_SEGMENT;
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        repository.store().list(prefix, each);
    }
}
