package dev.muster.storage.gcs;

import com.google.cloud.WriteChannel;
import com.google.cloud.storage.BlobInfo;
import com.google.cloud.storage.Storage.BlobTargetOption;
import com.google.cloud.storage.Storage.BlobWriteOption;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.transfer.Creation;
import dev.muster.storage.transfer.PartUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
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
    private final int partSize;
    private final PartUpload parts;

    /** Touched by one part's thread after the other, and by the commit after all of them. */
    private volatile @Nullable WriteChannel upload;

    private long size;
    private boolean ended;

    GcsObjectWriter(GcsStore store, String key, int partSize) {
        this.store = store;
        this.key = key;
        this.partSize = partSize;
        this.parts = new PartUpload(
                partSize,
                ONE_AT_A_TIME,
                (number, bytes, length) -> store.call("write", key, () -> send(begun(), bytes, length)));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        requireOpen();
        checksum.update(bytes, offset, length);
        size += length;
        parts.write(bytes, offset, length);
    }

    /**
     * The object appears when the channel is closed; one that is not closed is seen by nobody. Not the library's newer
     * BlobWriteSession: over HTTP that tries each chunk once.
     */
    private WriteChannel begun() {
        WriteChannel begun = upload;
        if (begun == null) {
            begun = store.access().uploads().writer(info().build(), BlobWriteOption.doesNotExist());
            begun.setChunkSize(partSize);
            upload = begun;
        }
        return begun;
    }

    /** After a lost chunk or answer the library asks the service how much it has, and goes on from there. */
    private static int send(WriteChannel channel, byte[] bytes, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        return length;
    }

    @Override
    public void commit() {
        requireOpen();
        parts.finish();
        if (parts.sent() == 0) {
            Creation.once(
                    store.retries(),
                    () -> requireWhole(insert(parts.last(), parts.lastLength())),
                    () -> ours().isPresent());
        } else {
            requireWhole(finished(parts.last(), parts.lastLength()));
        }
        ended = true;
        parts.close();
    }

    private BlobInfo insert(byte[] bytes, int length) {
        return store.call(
                "commit",
                key,
                () -> store.access()
                        .single()
                        .create(
                                info().setCrc32c(GcsChecksum.text(checksum)).build(),
                                bytes,
                                0,
                                length,
                                BlobTargetOption.doesNotExist(),
                                BlobTargetOption.disableGzipContent()));
    }

    /** Whatever the last answer was or was not: what is there with this writer's id is this writer's. */
    private BlobInfo finished(byte[] bytes, int length) {
        try {
            store.call("commit", key, () -> {
                WriteChannel channel = begun();
                send(channel, bytes, length);
                channel.close();
                return key;
            });
        } catch (StoreException e) {
            return found(e).orElseThrow(() -> e);
        }
        // The library takes an upload of which the service has every byte for ended, also where no object came of it.
        return ours().orElseThrow(() -> new StoreException(
                "UPLOAD_LOST",
                "The store " + store.url() + " has all bytes of " + key + " and made no object of them.",
                "Write the object again."));
    }

    private Optional<BlobInfo> found(StoreException failure) {
        try {
            return ours();
        } catch (StoreException unknown) {
            failure.addSuppressed(unknown);
            return Optional.empty();
        }
    }

    private BlobInfo.Builder info() {
        return BlobInfo.newBuilder(store.bucket(), store.name(key))
                .setContentType(GcsStore.CONTENT_TYPE)
                .setMetadata(Map.of(WRITER, writer));
    }

    private Optional<BlobInfo> ours() {
        return store.info(key)
                .filter(found -> found.getMetadata() != null
                        && writer.equals(found.getMetadata().get(WRITER)));
    }

    /** The service has checked already; this is for those that do not. */
    private void requireWhole(BlobInfo created) {
        String expected = GcsChecksum.text(checksum);
        if (expected.equals(created.getCrc32c()) && created.getSize() == size) {
            return;
        }
        store.delete(key, created.getGeneration());
        throw new StoreException(
                "OBJECT_DAMAGED",
                "The object " + key + " arrived in " + store.url() + " with the CRC32C " + created.getCrc32c() + " and "
                        + created.getSize() + " bytes instead of " + expected + " and " + size + "; it was deleted.",
                "Write it again. If it happens again, look for a proxy on the way, and for bad memory.");
    }

    /** An upload that is not ended is seen by no reader, and vanishes after a week. */
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
