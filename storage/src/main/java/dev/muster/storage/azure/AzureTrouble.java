package dev.muster.storage.azure;

import com.azure.core.exception.HttpResponseException;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobStorageException;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Says what an error of Azure's client means for the operator. */
final class AzureTrouble {
    private static final Set<BlobErrorCode> NO_CONTAINER = Set.of(
            BlobErrorCode.CONTAINER_NOT_FOUND, BlobErrorCode.CONTAINER_BEING_DELETED, BlobErrorCode.CONTAINER_DISABLED);

    /** The action that asks for the version of an object that was seen before. */
    static final String READ = "read";

    private AzureTrouble() {}

    /** @return what to throw: an error of this program as it is */
    static RuntimeException explain(String action, String key, String url, RuntimeException e) {
        if (e instanceof StoreException) {
            return e;
        }
        if (e instanceof BlobStorageException answer) {
            return answered(action, key, url, answer);
        }
        if (isNetwork(e)) {
            return unreachable(action, key, url, text(e), e);
        }
        return e;
    }

    private static StoreException answered(String action, String key, String url, BlobStorageException e) {
        int status = e.getStatusCode();
        BlobErrorCode code = e.getErrorCode();
        String what = "Cannot " + action + " " + key + " in " + url + ": " + status + " " + code + ".";
        if (code != null && NO_CONTAINER.contains(code)) {
            return new StoreException(
                    "STORE_MISSING",
                    "The container of the store " + url + " is not there: " + code + ".",
                    "Check account and container in the URL. A new store's container is created by hand.",
                    e);
        }
        if (BlobErrorCode.BLOB_NOT_FOUND.equals(code)) {
            return new ObjectMissingException(url, key);
        }
        if (BlobErrorCode.BLOB_ALREADY_EXISTS.equals(code)) {
            return new ObjectExistsException(url, key);
        }
        if (BlobErrorCode.CONDITION_NOT_MET.equals(code) && action.equals(READ)) {
            return new StoreException(
                    "STORE_DAMAGED",
                    "The object " + key + " in " + url + " was replaced while it was read.",
                    "Objects are never rewritten: something else than Muster writes into this container.",
                    e);
        }
        return switch (status) {
            case 401, 403 ->
                new StoreException(
                        "STORE_DENIED",
                        what,
                        "Check the account key or the SAS (read, write, create, delete, list; its end; its addresses),"
                                + " the account's firewall, and this machine's clock.",
                        e);
            case 409, 412 ->
                new StoreException(
                        "STORE_DENIED",
                        what,
                        "A lease, a legal hold, an immutability policy or a snapshot protects the object.",
                        e);
            case 429, 503 ->
                new StoreException(
                        "STORE_THROTTLED",
                        what,
                        "The account's limit of requests or bytes is reached: do less at once, or ask for more.",
                        e);
            case 507 -> new StoreException("STORE_FULL", what, "Raise the account's limit; nothing was kept.", e);
            default -> unreachable(action, key, url, status + " " + code, e);
        };
    }

    static boolean hasCode(BlobErrorCode wanted, RuntimeException e) {
        return e instanceof BlobStorageException answer && wanted.equals(answer.getErrorCode());
    }

    static boolean isRangeRefused(RuntimeException e) {
        return e instanceof BlobStorageException answer && answer.getStatusCode() == 416;
    }

    private static boolean isNetwork(RuntimeException e) {
        if (e instanceof HttpResponseException || e instanceof UncheckedIOException) {
            return true;
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException
                    || cause instanceof TimeoutException
                    || cause instanceof InterruptedException) {
                return true;
            }
        }
        // What the client throws when its time-out for a whole call passes.
        return e instanceof IllegalStateException
                && String.valueOf(e.getMessage()).startsWith("Timeout on blocking read");
    }

    private static StoreException unreachable(
            String action, String key, String url, String why, RuntimeException cause) {
        return new StoreException(
                "STORE_UNREACHABLE",
                "Cannot " + action + " " + key + " in " + url + ": " + why + ".",
                "Check the network, DNS and proxy to the endpoint, and Azure's status page.",
                cause);
    }

    /** The innermost message says most. */
    private static String text(Throwable e) {
        @Nullable String text = null;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                text = cause.getClass().getSimpleName() + ": " + cause.getMessage();
            }
        }
        return text == null ? e.toString() : text;
    }
}
