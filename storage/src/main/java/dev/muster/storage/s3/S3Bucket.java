package dev.muster.storage.s3;

import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.StoreException;
import dev.muster.storage.retry.Retries;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/** A bucket as one store sees it: its client, its settings, and what all its uploads share. */
final class S3Bucket {
    /** Which attempt an object comes from: tells one's own object from another's after a lost answer. */
    static final String WRITER = "muster-writer";

    private static final int MIB = 1 << 20;

    final S3Client client;
    final S3Settings settings;
    final Retries retries;
    /** Of the upload's memory, in MiB; bounds what is on its way. */
    private final Semaphore room;

    /** Of the server's clock, by which its locks end. */
    final S3Skew skew = new S3Skew(this);

    private final int roomSize;
    final ThreadPoolExecutor uploads;

    S3Bucket(S3Client client, S3Settings settings, Retries retries) {
        this.client = client;
        this.settings = settings;
        this.retries = retries;
        this.roomSize = Math.max(1, settings.parallel() * Math.max(1, settings.partSize() / MIB));
        this.room = new Semaphore(roomSize, true);
        this.uploads = new ThreadPoolExecutor(
                settings.parallel(), settings.parallel(), 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "s3-upload-" + settings.bucket());
                    thread.setDaemon(true);
                    return thread;
                });
        uploads.allowCoreThreadTimeOut(true);
    }

    String url() {
        return settings.url().toString();
    }

    String name() {
        return settings.bucket();
    }

    String full(String key) {
        return settings.prefix() + key;
    }

    /** One request, its errors explained. */
    <T> T ask(String action, String key, Supplier<T> request) {
        try {
            return request.get();
        } catch (SdkException e) {
            throw S3Trouble.explain(action, key, url(), e);
        }
    }

    /**
     * What the store says about an object.
     *
     * @throws ObjectMissingException if it has none
     * @throws StoreException STORE_MISSING if it has no such bucket: without one nothing can be said to be missing
     */
    HeadObjectResponse head(String key) {
        try {
            return client.headObject(request -> request.bucket(name()).key(full(key)));
        } catch (SdkException e) {
            if (S3Trouble.status(e) != 404) {
                throw S3Trouble.explain("look up", key, url(), e);
            }
        }
        requireBucket();
        throw new ObjectMissingException(url(), key);
    }

    void requireBucket() {
        try {
            client.headBucket(request -> request.bucket(name()));
        } catch (SdkException e) {
            throw S3Trouble.status(e) == 404
                    ? S3Trouble.missing(url(), e)
                    : S3Trouble.explain("look for the bucket", "", url(), e);
        }
    }

    /** Waits until so much more may be on its way; a part larger than all room takes all of it. */
    int takeRoom(int bytes) {
        int wanted = Math.min(roomSize, Math.max(1, (bytes + MIB - 1) / MIB));
        try {
            room.acquire(wanted);
            return wanted;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
    }

    void giveRoom(int taken) {
        room.release(taken);
    }

    StoreException interrupted(InterruptedException e) {
        return new StoreException(
                "STORE_UNREACHABLE",
                "An upload to " + url() + " was interrupted, by a cancellation or an end of the program.",
                "Nothing is wrong with the store. Do it again if it is still wanted.",
                e);
    }
}
