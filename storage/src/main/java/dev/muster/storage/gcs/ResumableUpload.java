package dev.muster.storage.gcs;

import com.google.api.client.http.ByteArrayContent;
import com.google.api.client.http.EmptyContent;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpContent;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpResponseException;
import com.google.api.client.http.json.JsonHttpContent;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.StorageObject;
import dev.muster.storage.StoreException;
import dev.muster.storage.transfer.Attempts;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One object sent in chunks, of which the service says how much it has: after a lost chunk or answer the rest goes on from
 * there. The object appears with the last chunk. A session that is not ended vanishes after a week, and is never visible.
 */
final class ResumableUpload {
    private static final int RESUME_INCOMPLETE = 308;

    private final GcsStore store;
    private final String key;
    private final GenericUrl session;
    private long stored;

    /** What the service has: the object, or so many bytes of it. */
    private record Progress(Optional<StorageObject> object, long stored) {}

    private ResumableUpload(GcsStore store, String key, GenericUrl session) {
        this.store = store;
        this.key = key;
        this.session = session;
    }

    /** @throws dev.muster.storage.ObjectExistsException if the key is taken already */
    static ResumableUpload begin(GcsStore store, String key, StorageObject metadata) {
        String location = store.attempts()
                .call(() -> store.call("create", key, () -> {
                    Storage client = store.client();
                    GenericUrl url = new GenericUrl(
                            client.getRootUrl() + "upload/" + client.getServicePath() + "b/" + store.bucket() + "/o");
                    url.put("uploadType", "resumable");
                    url.put("ifGenerationMatch", 0L);
                    url.put("name", metadata.getName());
                    HttpRequest request = client.getRequestFactory()
                            .buildPostRequest(url, new JsonHttpContent(client.getJsonFactory(), metadata));
                    HttpResponse response = request.execute();
                    try {
                        return response.getHeaders().getLocation();
                    } finally {
                        response.ignore();
                    }
                }));
        return new ResumableUpload(store, key, new GenericUrl(location));
    }

    /** Stores one more chunk, not the last; of a multiple of 256 KiB, as the service wants it. */
    void send(byte[] bytes, int length) {
        long end = stored + length;
        Progress progress = send(bytes, stored, end, Optional.empty());
        if (progress.object().isPresent()) {
            throw new StoreException(
                    "OBJECT_DAMAGED",
                    "The store " + store.url() + " ended the upload of " + key + " at byte " + end + ", too early.",
                    "This is no error of Muster's: report it to the service, and write the object under another name.");
        }
        stored = end;
    }

    /**
     * Stores the last chunk, and with it the object.
     *
     * @param checksum of the whole object; the service refuses other bytes
     * @return what the service says of the object; empty if the session is gone, as after a commit whose answer was lost
     */
    Optional<StorageObject> finish(byte[] bytes, int length, String checksum) {
        try {
            return send(bytes, stored, stored + length, Optional.of(checksum)).object();
        } catch (SessionGoneException e) {
            return Optional.empty();
        }
    }

    private Progress send(byte[] bytes, long begin, long end, Optional<String> checksum) {
        long total = checksum.isPresent() ? end : -1;
        long position = begin;
        int failed = 0;
        boolean unsure = false;
        while (true) {
            try {
                boolean asked = unsure || position == end;
                Progress progress = asked
                        ? put(new EmptyContent(), "*/" + (total < 0 ? "*" : total), checksum)
                        : put(chunk(bytes, begin, position, end), range(position, end, total), checksum);
                unsure = false;
                if (progress.object().isPresent() || (total < 0 && progress.stored() == end)) {
                    return progress;
                }
                requireBetween(begin, progress.stored(), end);
                if (progress.stored() > position) {
                    failed = 0;
                } else if (!asked || position == end) {
                    requireMore(++failed, end);
                }
                position = progress.stored();
            } catch (StoreException e) {
                if (!store.attempts().again(++failed, e)) {
                    throw e;
                }
                unsure = true;
            }
        }
    }

    private static HttpContent chunk(byte[] bytes, long begin, long position, long end) {
        return new ByteArrayContent(GcsStore.CONTENT_TYPE, bytes, (int) (position - begin), (int) (end - position));
    }

    private static String range(long position, long end, long total) {
        return position + "-" + (end - 1) + "/" + (total < 0 ? "*" : total);
    }

    private Progress put(HttpContent content, String range, Optional<String> checksum) {
        return store.call("write", key, () -> {
            HttpRequest request = store.client().getRequestFactory().buildPutRequest(session, content);
            request.getHeaders().setContentRange("bytes " + range);
            checksum.ifPresent(text -> request.getHeaders().set("X-Goog-Hash", "crc32c=" + text));
            request.setThrowExceptionOnExecuteError(false);
            HttpResponse response = request.execute();
            try {
                return progress(response);
            } finally {
                response.ignore();
            }
        });
    }

    private Progress progress(HttpResponse response) throws IOException {
        int status = response.getStatusCode();
        if (status == RESUME_INCOMPLETE) {
            String range = response.getHeaders().getRange();
            return new Progress(
                    Optional.empty(), range == null ? 0 : Long.parseLong(range.substring(range.indexOf('-') + 1)) + 1);
        }
        if (response.isSuccessStatusCode()) {
            StorageObject object = store.client()
                    .getObjectParser()
                    .parseAndClose(response.getContent(), StandardCharsets.UTF_8, StorageObject.class);
            return new Progress(Optional.of(object), 0);
        }
        if (status == 404 || status == 410) {
            throw new SessionGoneException(key, store.url());
        }
        throw new HttpResponseException(response);
    }

    /** What the service said that it has may not be less afterwards: those bytes are not here any more. */
    private void requireBetween(long begin, long position, long end) {
        if (position < begin || position > end) {
            throw new SessionGoneException(key, store.url());
        }
    }

    private void requireMore(int failed, long end) {
        if (failed >= Attempts.MAX) {
            throw GcsTrouble.unreachable(
                    "write", key, store.url(), "it takes no more bytes of those before " + end, new EOFException());
        }
    }

    /** The service does not know the upload any more. */
    static final class SessionGoneException extends StoreException {
        SessionGoneException(String key, String url) {
            super(
                    "UPLOAD_LOST",
                    "The store " + url + " does not know the upload of " + key + " any more.",
                    "Write the object again. An upload lives a week: was this one held up for so long?");
        }
    }
}
