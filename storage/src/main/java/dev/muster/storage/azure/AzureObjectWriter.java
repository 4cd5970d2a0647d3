package dev.muster.storage.azure;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.options.BlockBlobCommitBlockListOptions;
import com.azure.storage.blob.options.BlockBlobSimpleUploadOptions;
import com.azure.storage.blob.options.BlockBlobStageBlockOptions;
import com.azure.storage.blob.specialized.BlockBlobClient;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.transfer.Creation;
import dev.muster.storage.transfer.PartUpload;
import dev.muster.storage.transfer.TransferSettings;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Stages blocks, and commits their list; what fits into one block is put at once. */
final class AzureObjectWriter implements ObjectWriter {
    /** Says in the object who created it, so that a writer whose commit was answered by nobody knows its own. */
    static final String WRITER = "musterwriter";

    /** Azure's bound. */
    private static final int MOST_BLOCKS = 50_000;

    private static final BlobRequestConditions CREATE_ONLY = new BlobRequestConditions().setIfNoneMatch("*");

    private final AzureStore store;
    private final String key;
    private final BlockBlobClient blob;
    private final UUID writer = UUID.randomUUID();
    private final PartUpload blocks;
    private boolean ended;

    AzureObjectWriter(AzureStore store, String key, BlockBlobClient blob, TransferSettings settings) {
        this.store = store;
        this.key = key;
        this.blob = blob;
        this.blocks = new PartUpload(settings.partSize(), settings.parallel(), this::stage);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        requireOpen();
        blocks.write(bytes, offset, length);
    }

    @Override
    public void commit() {
        requireOpen();
        blocks.finish();
        if (blocks.sent() == 0) {
            Creation.once(store.retries(), () -> put(blocks.last(), blocks.lastLength()), this::isOurs);
        } else {
            stage(blocks.sent(), blocks.last(), blocks.lastLength());
            Creation.once(store.retries(), () -> commit(blocks.sent() + 1), this::isOurs);
        }
        ended = true;
        blocks.close();
    }

    private void put(byte[] bytes, int length) {
        store.call("commit", key, () -> {
            return blob.uploadWithResponse(
                    new BlockBlobSimpleUploadOptions(data(bytes, length))
                            .setContentMd5(md5(bytes, length))
                            .setMetadata(Map.of(WRITER, writer.toString()))
                            .setRequestConditions(CREATE_ONLY),
                    AzureStore.CALL_TIMEOUT,
                    Context.NONE);
        });
    }

    private void stage(int number, byte[] bytes, int length) {
        if (number >= MOST_BLOCKS) {
            throw new StoreException(
                    "STORE_UNSUPPORTED",
                    "The object " + key + " has more than " + MOST_BLOCKS + " blocks, which " + store.url()
                            + " does not take.",
                    "Raise part-size in the store's URL.");
        }
        byte[] md5 = md5(bytes, length);
        store.retries()
                .call(() -> store.call(
                        "write",
                        key,
                        () -> blob.stageBlockWithResponse(
                                new BlockBlobStageBlockOptions(id(number), data(bytes, length)).setContentMd5(md5),
                                AzureStore.CALL_TIMEOUT,
                                Context.NONE)));
    }

    private void commit(int count) {
        List<String> ids = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            ids.add(id(number));
        }
        store.call("commit", key, () -> {
            try {
                return blob.commitBlockListWithResponse(
                        new BlockBlobCommitBlockListOptions(ids)
                                .setMetadata(Map.of(WRITER, writer.toString()))
                                .setRequestConditions(CREATE_ONLY),
                        AzureStore.CALL_TIMEOUT,
                        Context.NONE);
            } catch (RuntimeException e) {
                // Whoever commits an object first discards the blocks that others staged for it.
                if (!AzureTrouble.hasCode(BlobErrorCode.INVALID_BLOCK_LIST, e)) {
                    throw e;
                }
                if (store.find(key).isPresent()) {
                    throw new ObjectExistsException(store.url(), key);
                }
                throw new StoreException(
                        "UPLOAD_LOST",
                        "The store " + store.url() + " does not know the blocks of " + key + " any more.",
                        "Write the object again. Blocks live a week: was this upload held up for so long?",
                        e);
            }
        });
    }

    private boolean isOurs() {
        return store.metadata(key, WRITER).filter(writer.toString()::equals).isPresent();
    }

    /** All ids of one blob must have one length, also those of other writers; and no two writers may share one. */
    private String id(int number) {
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(20)
                        .putLong(writer.getMostSignificantBits())
                        .putLong(writer.getLeastSignificantBits())
                        .putInt(number)
                        .array());
    }

    private static BinaryData data(byte[] bytes, int length) {
        return length == bytes.length
                ? BinaryData.fromBytes(bytes)
                : BinaryData.fromByteBuffer(ByteBuffer.wrap(bytes, 0, length));
    }

    private static byte[] md5(byte[] bytes, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(bytes, 0, length);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has MD5", e);
        }
    }

    /** Blocks that were staged are seen by no reader; Azure removes them a week after the last one. */
    @Override
    public void close() {
        ended = true;
        blocks.close();
    }

    private void requireOpen() {
        if (ended) {
            throw new IllegalStateException("The object " + key + " was committed or closed before");
        }
    }
}
