package dev.muster.storage.gcs;

import com.google.api.client.http.ByteArrayContent;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.StorageObject;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.transfer.Creation;
import dev.muster.storage.transfer.PartUpload;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Sends an object as one resumable upload while it is written, or at once if it fits into one part. */
final class GcsObjectWriter implements ObjectWriter {
    /** Says in the object who created it, so that a writer whose commit was answered by nobody knows its own. */
    static final String WRITER = "muster-writer";

    /** The parts of a resumable upload come one after the other. */
    private static final int ONE_AT_A_TIME = 1;

    private final GcsStore store;
    private final String key;
    private final String writer = UUID.randomUUID().toString();
    private final CRC32C checksum = new CRC32C();
    private final PartUpload parts;

    /** Touched by one part's thread after the other, and by the commit after all of them. */
    private volatile @Nullable ResumableUpload upload;

    private long size;
    private boolean ended;

    GcsObjectWriter(GcsStore store, String key, int partSize) {
        this.store = store;
        this.key = key;
        this.parts = new PartUpload(
                partSize, ONE_AT_A_TIME, (number, bytes, length) -> session().send(bytes, length));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        requireOpen();
        checksum.update(bytes, offset, length);
        size += length;
        parts.write(bytes, offset, length);
    }

    private ResumableUpload session() {
        ResumableUpload begun = upload;
        if (begun == null) {
            begun = ResumableUpload.begin(store, key, metadata());
            upload = begun;
        }
        return begun;
    }

    @Override
    public void commit() {
        requireOpen();
        parts.finish();
        if (parts.sent() == 0) {
            Creation.once(
                    store.attempts(),
                    () -> requireWhole(insert(parts.last(), parts.lastLength())),
                    () -> ours().isPresent());
        } else {
            finish(parts.last(), parts.lastLength());
        }
        ended = true;
        parts.close();
    }

    private StorageObject insert(byte[] bytes, int length) {
        return store.call("commit", key, () -> {
            Storage.Objects.Insert insert = store.client()
                    .objects()
                    .insert(
                            store.bucket(),
                            metadata().setCrc32c(GcsChecksum.text(checksum)),
                            new ByteArrayContent(GcsStore.CONTENT_TYPE, bytes, 0, length));
            insert.setIfGenerationMatch(0L).setDisableGZipContent(true);
            insert.getMediaHttpUploader().setDirectUploadEnabled(true).setDisableGZipContent(true);
            return insert.execute();
        });
    }

    private void finish(byte[] bytes, int length) {
        Optional<StorageObject> created;
        try {
            created = session().finish(bytes, length, GcsChecksum.text(checksum));
        } catch (ObjectExistsException e) {
            if (ours().isEmpty()) {
                throw e;
            }
            return;
        }
        if (created.isEmpty()) {
            created = ours();
        }
        if (created.isEmpty()) {
            if (store.find(key).isPresent()) {
                throw new ObjectExistsException(store.url(), key);
            }
            throw new ResumableUpload.SessionGoneException(key, store.url());
        }
        requireWhole(created.get());
    }

    private StorageObject metadata() {
        return new StorageObject()
                .setName(store.name(key))
                .setContentType(GcsStore.CONTENT_TYPE)
                .setMetadata(Map.of(WRITER, writer));
    }

    private Optional<StorageObject> ours() {
        return store.metadata(key)
                .filter(found -> found.getMetadata() != null
                        && writer.equals(found.getMetadata().get(WRITER)));
    }

    /** The service has checked already; this is for those that do not. */
    private void requireWhole(StorageObject created) {
        String expected = GcsChecksum.text(checksum);
        if (expected.equals(created.getCrc32c()) && created.getSize().longValue() == size) {
            return;
        }
        store.delete(key, created.getGeneration());
        throw new StoreException(
                "OBJECT_DAMAGED",
                "The object " + key + " arrived in " + store.url() + " with the CRC32C " + created.getCrc32c() + " and "
                        + created.getSize() + " bytes instead of " + expected + " and " + size + "; it was deleted.",
                "Write it again. If it happens again, look for a proxy on the way, and for bad memory.");
    }

    /** A session that is not ended is seen by no reader, and vanishes after a week. */
    @Override
    public void close() {
        ended = true;
        parts.close();
    }

    private void requireOpen() {
        if (ended) {
            throw new IllegalStateException("The object " + key + " was committed or closed before");
        }
    }
}
