package dev.muster.storage.gcs;

import com.google.api.client.http.HttpResponseException;
import com.google.api.gax.rpc.UnauthenticatedException;
import com.google.auth.Retryable;
import com.google.cloud.storage.StorageException;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.StoreException;
import java.io.IOException;

/** Says what an error of Google's client means for the operator. */
final class GcsTrouble {
    private GcsTrouble() {}

    /** For all answers but 404, which alone does not say whether the object or the bucket is missing. */
    static StoreException explain(String action, String key, String url, Exception e) {
        int status = status(e);
        if (status > 0) {
            return answered(action, key, url, status, e);
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnauthenticatedException
                    || (cause instanceof Retryable login && !login.isRetryable())) {
                return denied(
                        "Cannot " + action + " " + key + " in " + url + ": no access token: " + cause.getMessage(), e);
            }
        }
        return unreachable(action, key, url, line(String.valueOf(e.getMessage())), e);
    }

    /** What the service answered; 0 if it did not. */
    static int status(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            // The library says for an answer that broke off that its code is 0.
            if (cause instanceof StorageException known && known.getCode() > 0) {
                return known.getCode();
            }
            if (cause instanceof HttpResponseException answer) {
                return answer.getStatusCode();
            }
        }
        return 0;
    }

    private static StoreException answered(String action, String key, String url, int status, Exception e) {
        String said = said(e);
        String what = "Cannot " + action + " " + key + " in " + url + ": " + status + " " + line(said);
        if (status == 429 || status == 503 || (status == 403 && said.contains("ateLimitExceeded"))) {
            return new StoreException(
                    "STORE_THROTTLED",
                    what,
                    "The bucket's or the project's limit of requests is reached: do less at once, or ask for more.",
                    e);
        }
        if (status == 507 || (status == 403 && said.contains("quotaExceeded"))) {
            return new StoreException(
                    "STORE_FULL", what, "Raise the quota of the project or the bucket; nothing was kept.", e);
        }
        return switch (status) {
            case 401, 403 -> denied(what, e);
            case 412 -> new ObjectExistsException(url, key);
            case 410 ->
                new StoreException(
                        "UPLOAD_LOST",
                        what,
                        "Write the object again. An upload lives a week: was this one held up for so long?",
                        e);
            default -> unreachable(action, key, url, status + " " + line(said), e);
        };
    }

    /** All that names the reason, in this service's words. */
    private static String said(Throwable e) {
        StringBuilder said = new StringBuilder();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof StorageException known) {
                said.append(known.getMessage()).append(' ');
                said.append(known.getReason() == null ? "" : "(" + known.getReason() + ") ");
            } else if (cause instanceof HttpResponseException answer && answer.getContent() != null) {
                said.append(answer.getContent()).append(' ');
            }
        }
        return said.toString();
    }

    private static String line(String content) {
        String line = content.replaceAll("\\s+", " ").strip();
        return line.length() > 300 ? line.substring(0, 300) + "..." : line;
    }

    private static StoreException denied(String what, Exception cause) {
        return new StoreException(
                "STORE_DENIED",
                what,
                "The account needs the role Storage Object User on the bucket. A retention policy or a hold also denies"
                        + " deletion. Check the credentials and this machine's clock.",
                cause);
    }

    static StoreException unreachable(String action, String key, String url, String why, Exception cause) {
        return new StoreException(
                "STORE_UNREACHABLE",
                "Cannot " + action + " " + key + " in " + url + ": " + why + ".",
                "Check the network, DNS and proxy to the endpoint, and Google Cloud's status page.",
                cause);
    }

    static boolean hasStatus(int status, IOException e) {
        return e instanceof HttpResponseException answer && answer.getStatusCode() == status;
    }
}
