package dev.muster.storage.s3;

import dev.muster.storage.StoreException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Says what an answer of the server, or none, means for the operator of a store. */
final class S3Trouble {
    private static final Set<String> THROTTLED = Set.of(
            "SlowDown",
            "ServiceUnavailable",
            "TooManyRequests",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "BandwidthLimitExceeded");
    private static final Set<String> FULL = Set.of(
            "QuotaExceeded",
            "InsufficientStorage",
            "InsufficientCapacity",
            "XMinioStorageFull",
            "XMinioAdminBucketQuotaExceeded",
            "ServiceQuotaExceeded",
            "InsufficientStorageSpace");
    private static final Set<String> DENIED = Set.of(
            "AccessDenied",
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "ExpiredToken",
            "InvalidToken",
            "TokenRefreshRequired",
            "AccountProblem",
            "AllAccessDisabled");
    private static final Set<String> ELSEWHERE = Set.of(
            "PermanentRedirect",
            "TemporaryRedirect",
            "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException",
            "InvalidBucketName");
    /** Something on the way broke the request or its content. */
    private static final Set<String> BROKEN = Set.of(
            "RequestTimeout",
            "BadDigest",
            "IncompleteBody",
            "XAmzContentSHA256Mismatch",
            "InternalError",
            "NoSuchUpload");

    private S3Trouble() {}

    static String code(SdkException e) {
        return e instanceof S3Exception answer && answer.awsErrorDetails() != null
                ? String.valueOf(answer.awsErrorDetails().errorCode())
                : "";
    }

    static int status(SdkException e) {
        return e instanceof S3Exception answer ? answer.statusCode() : 0;
    }

    static StoreException explain(String action, String key, String url, SdkException e) {
        String what = "Cannot " + action + (key.isEmpty() ? "" : " " + key) + " in " + url;
        if (!(e instanceof S3Exception)) {
            return noAnswer(what, e);
        }
        int status = status(e);
        String code = code(e);
        String said = what + ": " + e.getMessage();
        if (code.equals("NoSuchBucket")) {
            return missing(url, e);
        }
        if (code.equals("RequestTimeTooSkewed")) {
            return new StoreException(
                    "STORE_DENIED",
                    said,
                    "This machine's clock and the store's differ by more than 15 minutes: set it right (NTP).",
                    e);
        }
        if (code.equals("InvalidObjectState")) {
            return new StoreException(
                    "STORE_DENIED",
                    said,
                    "A lifecycle rule has moved the object to an archive: restore it there first, and remove the rule.",
                    e);
        }
        if (THROTTLED.contains(code) || status == 429 || status == 503) {
            return new StoreException(
                    "STORE_THROTTLED",
                    said,
                    "The store wants fewer requests, or there is nothing behind its load balancer. Look at its health; set"
                            + " upload-limit, download-limit or parallel in its URL.",
                    e);
        }
        if (FULL.contains(code) || status == 507) {
            return new StoreException(
                    "STORE_FULL", said, "Raise the bucket's quota or free space; nothing of this object was kept.", e);
        }
        if (DENIED.contains(code) || status == 401 || status == 403) {
            return new StoreException(
                    "STORE_DENIED",
                    said,
                    "Check the access key, whether it has run out, and the rights that docs/reference/stores.md lists.",
                    e);
        }
        if (ELSEWHERE.contains(code) || status == 301 || status == 307) {
            return new StoreException(
                    "STORE_URL_INVALID",
                    said,
                    "The bucket is in another region or under another address: set region= and endpoint= in the URL.",
                    e);
        }
        if (code.equals("KeyTooLongError")) {
            return new StoreException(
                    "INVALID_KEY", said, "The prefix in the store's URL and the key are too long together.", e);
        }
        if ((status >= 500 && status != 501) || status == 408 || BROKEN.contains(code)) {
            return new StoreException(
                    "STORE_UNREACHABLE", said, "The store has trouble of its own. Look at its health and log.", e);
        }
        return new StoreException(
                "STORE_UNSUPPORTED",
                said,
                "The server does not do what Muster needs, or not with these settings: muster store check says more.",
                e);
    }

    private static StoreException noAnswer(String what, SdkException e) {
        String text = reason(e);
        if (e instanceof AbortedException || Thread.currentThread().isInterrupted()) {
            Thread.currentThread().interrupt();
            return new StoreException(
                    "STORE_UNREACHABLE",
                    what + ": this was interrupted, by a cancellation or an end of the program.",
                    "Nothing is wrong with the store. Do it again if it is still wanted.",
                    e);
        }
        if (text.contains("Unable to load credentials")) {
            return new StoreException(
                    "STORE_DENIED",
                    what + ": there are no credentials: " + text,
                    "Set access-key and secret-key in the store's URL, or give the process a role.",
                    e);
        }
        return new StoreException(
                "STORE_UNREACHABLE",
                what + ": " + text,
                "Check the endpoint in the store's URL, the network, its certificates, and the store.",
                e);
    }

    /** The innermost message that says something: that of the network. */
    private static String reason(Throwable e) {
        String text = String.valueOf(e.getMessage());
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && !text.contains(cause.getMessage())) {
                text += ": " + cause.getMessage();
            }
        }
        return text;
    }

    static StoreException missing(String url, @Nullable SdkException e) {
        String message = "The bucket of the store " + url + " does not exist.";
        String hint = "Is the URL right, with its region and endpoint? A bucket is never created by itself.";
        return e == null
                ? new StoreException("STORE_MISSING", message, hint)
                : new StoreException("STORE_MISSING", message, hint, e);
    }
}
