package dev.muster.storage.gcs;

import com.google.api.client.http.HttpResponseException;
import com.google.auth.Retryable;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.StoreException;
import java.io.IOException;

/** Says what an error of Google's client means for the operator. */
final class GcsTrouble {
    private GcsTrouble() {}

    /** For all answers but 404, which alone does not say whether the object or the bucket is missing. */
    static StoreException explain(String action, String key, String url, IOException e) {
        if (e instanceof HttpResponseException answer) {
            return answered(action, key, url, answer);
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof Retryable login && !login.isRetryable()) {
                return denied(
                        "Cannot " + action + " " + key + " in " + url + ": no access token: " + e.getMessage(), e);
            }
        }
        return unreachable(action, key, url, String.valueOf(e.getMessage()), e);
    }

    private static StoreException answered(String action, String key, String url, HttpResponseException e) {
        int status = e.getStatusCode();
        String content = e.getContent() == null ? "" : e.getContent();
        String what = "Cannot " + action + " " + key + " in " + url + ": " + status + " " + reason(content);
        if (status == 429 || status == 503 || (status == 403 && content.contains("ateLimitExceeded"))) {
            return new StoreException(
                    "STORE_THROTTLED",
                    what,
                    "The bucket's or the project's limit of requests is reached: do less at once, or ask for more.",
                    e);
        }
        if (status == 507 || (status == 403 && content.contains("quotaExceeded"))) {
            return new StoreException(
                    "STORE_FULL", what, "Raise the quota of the project or the bucket; nothing was kept.", e);
        }
        return switch (status) {
            case 401, 403 -> denied(what, e);
            case 412 -> new ObjectExistsException(url, key);
            default -> unreachable(action, key, url, status + " " + reason(content), e);
        };
    }

    /** The first line of the answer, which names the reason in this service's errors. */
    private static String reason(String content) {
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
