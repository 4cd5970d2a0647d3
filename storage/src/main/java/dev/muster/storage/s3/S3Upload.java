package dev.muster.storage.s3;

import dev.muster.storage.Retention;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/** An object on its way in parts, several at once while the writer goes on; invisible until it is completed. */
final class S3Upload {
    private final S3Bucket bucket;
    private final String key;
    private final String id;
    private final List<Future<CompletedPart>> parts = new ArrayList<>();
    private volatile boolean givenUp;

    private S3Upload(S3Bucket bucket, String key, String id) {
        this.bucket = bucket;
        this.key = key;
        this.id = id;
    }

    static S3Upload begin(S3Bucket bucket, String key, Map<String, String> metadata, Retention retention) {
        String id = bucket.retries.call(() -> bucket.ask(
                "begin an upload of",
                key,
                () -> bucket.client
                        .createMultipartUpload(request -> {
                            request.bucket(bucket.name()).key(bucket.full(key)).metadata(metadata);
                            if (bucket.settings.checksums()) {
                                request.checksumAlgorithm(ChecksumAlgorithm.CRC32);
                            }
                            retention
                                    .time()
                                    .ifPresent(time -> request.objectLockMode(
                                                    bucket.settings.lockMode().orElseThrow())
                                            .objectLockRetainUntilDate(
                                                    bucket.skew.now().plus(time)));
                        })
                        .uploadId()));
        return new S3Upload(bucket, key, id);
    }

    /** How many were sent. */
    int parts() {
        return parts.size();
    }

    /** Takes the bytes over; waits while as much as may be is on its way. */
    void send(byte[] bytes, int length) {
        if (parts.size() == bucket.settings.maxParts()) {
            throw new StoreException(
                    "OBJECT_TOO_LARGE",
                    "The object " + key + " has more than " + bucket.settings.maxParts() + " parts of "
                            + bucket.settings.partSize() + " bytes and more, and " + bucket.url() + " takes no more.",
                    "Set a larger part-size in the store's URL.");
        }
        requireNoFailure();
        int taken = bucket.takeRoom(length);
        int number = parts.size() + 1;
        parts.add(bucket.uploads.submit(() -> {
            try {
                return upload(number, bytes, length);
            } finally {
                bucket.giveRoom(taken);
            }
        }));
    }

    private CompletedPart upload(int number, byte[] bytes, int length) {
        UploadPartResponse answer = bucket.retries.call(() -> {
            // Also between repetitions: who gives up waits for what is on its way.
            if (givenUp) {
                throw new IllegalStateException("The upload of " + key + " was given up");
            }
            return bucket.ask("write part " + number + " of", key, () -> send(number, bytes, length));
        });
        return CompletedPart.builder()
                .partNumber(number)
                .eTag(answer.eTag())
                .checksumCRC32(answer.checksumCRC32())
                .build();
    }

    private UploadPartResponse send(int number, byte[] bytes, int length) {
        return bucket.client.uploadPart(
                request -> {
                    request.bucket(bucket.name())
                            .key(bucket.full(key))
                            .uploadId(id)
                            .partNumber(number)
                            .contentLength((long) length)
                            .overrideConfiguration(
                                    timeouts -> timeouts.apiCallAttemptTimeout(bucket.settings.timeout(length)));
                    if (bucket.settings.checksums()) {
                        request.checksumAlgorithm(ChecksumAlgorithm.CRC32);
                    } else {
                        request.contentMD5(md5(bytes, length));
                    }
                },
                body(bytes, length));
    }

    private void requireNoFailure() {
        for (int i = parts.size() - 1; i >= 0 && i >= parts.size() - 2 * bucket.settings.parallel(); i--) {
            if (parts.get(i).isDone()) {
                result(parts.get(i));
            }
        }
    }

    /** Waits until all parts are there; fails if one is not. */
    void await() {
        parts.forEach(this::result);
    }

    private CompletedPart result(Future<CompletedPart> part) {
        try {
            return part.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw bucket.interrupted(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException failure) {
                throw failure;
            }
            throw new IllegalStateException("A part of " + key + " could not be uploaded", e.getCause());
        }
    }

    /** One request, which makes the object visible. Its errors are the SDK's. */
    void complete() {
        List<CompletedPart> completed = parts.stream().map(this::result).toList();
        bucket.client.completeMultipartUpload(request -> {
            request.bucket(bucket.name())
                    .key(bucket.full(key))
                    .uploadId(id)
                    .multipartUpload(all -> all.parts(completed))
                    // Servers put parts together here, which takes its time.
                    .overrideConfiguration(timeouts ->
                            timeouts.apiCallAttemptTimeout(bucket.settings.timeout(parts.size() * 1_000_000L)));
            if (bucket.settings.conditional()) {
                request.ifNoneMatch("*");
            }
        });
    }

    /** Removes what was sent. A part that arrives after that would stay, so those on their way are waited for. */
    void abort() {
        givenUp = true;
        boolean interrupted = Thread.interrupted();
        try {
            for (Future<CompletedPart> part : parts) {
                try {
                    part.get();
                } catch (ExecutionException e) {
                    // Given up like the others.
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            bucket.retries.call(() -> bucket.ask(
                    "give up",
                    key,
                    () -> bucket.client.abortMultipartUpload(request ->
                            request.bucket(bucket.name()).key(bucket.full(key)).uploadId(id))));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static RequestBody body(byte[] bytes, int length) {
        return RequestBody.fromContentProvider(
                () -> new ByteArrayInputStream(bytes, 0, length), length, "application/octet-stream");
    }

    /** What every server checks, also those that know none of the newer checksums. */
    static String md5(byte[] bytes, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(bytes, 0, length);
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(
                    "Every JDK has MD5; with a security policy against it, set" + " checksums=when-supported", e);
        }
    }
}
