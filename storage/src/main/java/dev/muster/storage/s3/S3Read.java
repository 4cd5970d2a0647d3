package dev.muster.storage.s3;

import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectTooShortException;
import dev.muster.storage.StoreException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Bytes of one version of an object; goes on where the connection was cut, and never ends early. */
final class S3Read extends InputStream {
    /** What is left is read to its end rather than the connection thrown away. */
    private static final long WORTH_DRAINING = 64 << 10;

    private final S3Bucket bucket;
    private final String key;
    private final @Nullable String version;
    private final @Nullable String etag;
    private final long end;
    private long position;
    private ResponseInputStream<GetObjectResponse> current;
    private int tries;

    private S3Read(
            S3Bucket bucket,
            String key,
            @Nullable String version,
            ResponseInputStream<GetObjectResponse> first,
            long start,
            long end) {
        this.bucket = bucket;
        this.key = key;
        this.version = version;
        this.etag = first.response().eTag();
        this.current = first;
        this.position = start;
        this.end = end;
    }

    static S3Read whole(S3Bucket bucket, String key, @Nullable String version) {
        ResponseInputStream<GetObjectResponse> first = get(bucket, key, version, null, null);
        Long size = first.response().contentLength();
        if (size == null) {
            first.abort();
            throw unclear(bucket, key);
        }
        return new S3Read(bucket, key, version, first, 0, size);
    }

    static S3Read range(S3Bucket bucket, String key, @Nullable String version, long offset, long length) {
        ResponseInputStream<GetObjectResponse> first;
        try {
            first = get(bucket, key, version, null, range(offset, offset + length));
        } catch (StoreException e) {
            if (e.getCause() instanceof SdkException answer && S3Trouble.status(answer) == 416) {
                throw new ObjectTooShortException(
                        bucket.url(), key, bucket.head(key).contentLength(), offset, length);
            }
            throw e;
        }
        long size = requireRange(bucket, key, first, offset);
        if (offset + length > size) {
            first.abort();
            throw new ObjectTooShortException(bucket.url(), key, size, offset, length);
        }
        return new S3Read(bucket, key, version, first, offset, offset + length);
    }

    private static String range(long start, long end) {
        return "bytes=" + start + "-" + (end - 1);
    }

    /** The object's whole size, if the answer begins where it should. */
    private static long requireRange(
            S3Bucket bucket, String key, ResponseInputStream<GetObjectResponse> answer, long start) {
        String range = String.valueOf(answer.response().contentRange());
        if (!range.matches("bytes " + start + "-\\d{1,18}/\\d{1,18}")) {
            answer.abort();
            throw unclear(bucket, key);
        }
        return Long.parseLong(range.substring(range.indexOf('/') + 1));
    }

    private static StoreException unclear(S3Bucket bucket, String key) {
        return new StoreException(
                "STORE_UNSUPPORTED",
                "The store " + bucket.url() + " does not say which bytes of " + key + " it sends.",
                "The server, or a proxy before it, does not know ranges: muster store check says more.");
    }

    private static ResponseInputStream<GetObjectResponse> get(
            S3Bucket bucket, String key, @Nullable String version, @Nullable String etag, @Nullable String range) {
        try {
            return bucket.client.getObject(request -> request.bucket(bucket.name())
                    .key(bucket.full(key))
                    .versionId(version)
                    .ifMatch(etag)
                    .range(range));
        } catch (SdkException e) {
            String code = S3Trouble.code(e);
            if (code.equals("NoSuchKey") || code.equals("NoSuchVersion")) {
                throw new ObjectMissingException(bucket.url(), key);
            }
            throw S3Trouble.explain("read", key, bucket.url(), e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position < end) {
            try {
                int read = current.read(bytes, offset, (int) Math.min(length, end - position));
                if (read < 0) {
                    throw new EOFException("the answer ended " + (end - position) + " bytes early");
                }
                position += read;
                tries = 0;
                return read;
            } catch (IOException e) {
                goOn(e, e);
            } catch (SdkException e) {
                goOn(new IOException(e.getMessage(), e), e);
            }
        }
        return -1;
    }

    private void goOn(IOException cut, Exception cause) throws IOException {
        StoreException failure = new StoreException(
                "STORE_UNREACHABLE",
                "The read of " + key + " in " + bucket.url() + " was cut at byte " + position + " of " + end + ": "
                        + cut.getMessage(),
                "Check the network and the store.",
                cause);
        current.abort();
        while (true) {
            tries++;
            if (!bucket.retries.again(tries, failure)) {
                throw new IOException(failure.getMessage(), failure);
            }
            try {
                current = get(bucket, key, version, etag, range(position, end));
                requireRange(bucket, key, current, position);
                return;
            } catch (StoreException e) {
                failure = e;
            }
        }
    }

    @Override
    public int available() throws IOException {
        return position < end ? (int) Math.min(end - position, Math.max(0, current.available())) : 0;
    }

    @Override
    public void close() throws IOException {
        if (end - position > WORTH_DRAINING) {
            current.abort();
        } else {
            current.close();
        }
    }
}
