package dev.muster.storage.s3;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreException;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;

/** Gathers a part's worth of bytes; what fits one part is one request, anything larger an upload in parts. */
final class S3ObjectWriter implements ObjectWriter {
    private static final Logger LOG = LoggerFactory.getLogger(S3ObjectWriter.class);
    private static final int FIRST_BUFFER = 64 << 10;

    private final S3Bucket bucket;
    private final String key;
    private final Retention retention;
    private final String writer = UUID.randomUUID().toString();
    private byte[] buffer = new byte[0];
    private int filled;
    private @Nullable S3Upload upload;
    private boolean ended;

    S3ObjectWriter(S3Bucket bucket, String key, Retention retention) {
        this.bucket = bucket;
        this.key = key;
        this.retention = retention;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        requireOpen();
        int done = 0;
        while (done < length) {
            int partSize = bucket.settings.partSize(upload == null ? 0 : upload.parts());
            if (filled == partSize) {
                sendPart();
                continue;
            }
            int count = Math.min(length - done, partSize - filled);
            if (filled + count > buffer.length) {
                int doubled = (int) Math.min(partSize, Math.max(FIRST_BUFFER, buffer.length * 2L));
                buffer = Arrays.copyOf(buffer, Math.max(doubled, filled + count));
            }
            System.arraycopy(bytes, offset + done, buffer, filled, count);
            filled += count;
            done += count;
        }
    }

    private void sendPart() {
        if (upload == null) {
            requireAbsent();
            upload = S3Upload.begin(bucket, key, Map.of(S3Bucket.WRITER, writer), retention);
        }
        upload.send(buffer, filled);
        // The sent one belongs to the upload now. The next part is most likely full as well.
        buffer = new byte[0];
        filled = 0;
    }

    /** Before much is sent for nothing. */
    private void requireAbsent() {
        try {
            bucket.retries.call(() -> bucket.head(key));
        } catch (ObjectMissingException e) {
            return;
        }
        throw new ObjectExistsException(bucket.url(), key);
    }

    @Override
    public void commit() {
        requireOpen();
        if (!bucket.settings.conditional()) {
            // Two that look at once both find nothing: this is all that a server without conditions can do.
            requireAbsent();
        }
        if (upload == null) {
            settle(this::putWhole);
        } else {
            S3Upload parts = upload;
            if (filled > 0) {
                sendPart();
            }
            parts.await();
            settle(parts::complete);
        }
        ended = true;
        buffer = new byte[0];
    }

    private void putWhole() {
        bucket.client.putObject(
                request -> {
                    request.bucket(bucket.name()).key(bucket.full(key)).metadata(Map.of(S3Bucket.WRITER, writer));
                    if (bucket.settings.conditional()) {
                        request.ifNoneMatch("*");
                    }
                    if (bucket.settings.checksums()) {
                        request.checksumAlgorithm(ChecksumAlgorithm.CRC32);
                    } else {
                        request.contentMD5(S3Upload.md5(buffer, filled));
                    }
                    retention
                            .time()
                            .ifPresent(time -> request.objectLockMode(
                                            bucket.settings.lockMode().orElseThrow())
                                    .objectLockRetainUntilDate(bucket.skew.now().plus(time)));
                    request.overrideConfiguration(
                            timeouts -> timeouts.apiCallAttemptTimeout(bucket.settings.timeout(filled)));
                },
                S3Upload.body(buffer, filled));
    }

    /**
     * Makes the object visible, and finds out whether it is where the answer was lost, or says that another one is
     * there: the other one may be this one, sent by an attempt whose answer never came.
     */
    private void settle(Runnable request) {
        for (int tries = 1; ; tries++) {
            StoreException failure;
            try {
                request.run();
                bucket.retries.succeeded();
                return;
            } catch (SdkException e) {
                failure = failure(e);
            }
            if (failure instanceof ObjectExistsException) {
                if (isOurs()) {
                    return;
                }
                throw failure;
            }
            if (!bucket.retries.again(tries, failure)) {
                if (isOursAfter(failure)) {
                    return;
                }
                throw failure;
            }
        }
    }

    private StoreException failure(SdkException e) {
        int status = S3Trouble.status(e);
        if (status == 412) {
            return new ObjectExistsException(bucket.url(), key);
        }
        boolean conflict = status == 409 || S3Trouble.code(e).equals("NoSuchUpload");
        if (conflict && isThere()) {
            return new ObjectExistsException(bucket.url(), key);
        }
        if (conflict) {
            return new StoreException(
                    "STORE_UNREACHABLE",
                    "The object " + key + " could not be made visible in " + bucket.url()
                            + ", since something else happened to it at the same time: " + e.getMessage(),
                    "Try again. Is there a rule in the bucket that gives up unfinished uploads too early?",
                    e);
        }
        StoreException explained = S3Trouble.explain("commit", key, bucket.url(), e);
        return explained;
    }

    private boolean isThere() {
        try {
            bucket.head(key);
            return true;
        } catch (ObjectMissingException e) {
            return false;
        }
    }

    private boolean isOurs() {
        try {
            return writer.equals(
                    bucket.retries.call(() -> bucket.head(key)).metadata().get(S3Bucket.WRITER));
        } catch (ObjectMissingException e) {
            // It was there, and was deleted since: whoever stored it did so before this one.
            return false;
        }
    }

    private boolean isOursAfter(StoreException failure) {
        if (Thread.currentThread().isInterrupted()) {
            return false;
        }
        try {
            return writer.equals(bucket.head(key).metadata().get(S3Bucket.WRITER));
        } catch (StoreException e) {
            failure.addSuppressed(e);
            return false;
        }
    }

    @Override
    public void close() {
        if (ended) {
            return;
        }
        ended = true;
        buffer = new byte[0];
        if (upload != null) {
            try {
                upload.abort();
            } catch (StoreException e) {
                LOG.warn(
                        "An unfinished upload of {} stays behind in {}; no reader sees it, and a lifecycle rule for"
                                + " unfinished uploads removes it",
                        key,
                        bucket.url(),
                        e);
            }
        }
    }

    private void requireOpen() {
        if (ended) {
            throw new IllegalStateException("The object " + key + " was committed or closed before");
        }
    }
}
