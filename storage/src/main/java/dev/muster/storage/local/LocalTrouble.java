package dev.muster.storage.local;

import dev.muster.storage.StoreException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says what an error of the file system means for the operator of a local store. */
final class LocalTrouble {
    private LocalTrouble() {}

    static StoreException explain(String action, String key, String url, Exception e) {
        String text = String.valueOf(e.getMessage());
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("no space left on device") || lower.contains("disk quota exceeded")) {
            return new StoreException(
                    "STORE_FULL",
                    "The store " + url + " is full: cannot " + action + " " + key + ": " + text,
                    "Free space or raise the quota on its disk; nothing of this object was kept.",
                    e);
        }
        if (e instanceof AccessDeniedException || lower.contains("permission denied")) {
            return denied(action, key, url, e);
        }
        if (lower.contains("read-only file system")) {
            return new StoreException(
                    "STORE_DENIED",
                    "Cannot " + action + " " + key + " in " + url + ": its file system is read-only.",
                    "A disk with errors is often made read-only by the system: read the kernel's log.",
                    e);
        }
        if (e instanceof FileAlreadyExistsException || lower.contains("not a directory")) {
            return new StoreException(
                    "STORE_DAMAGED",
                    "Cannot " + action + " " + key + " in " + url + ": a file lies where a directory must be: " + text,
                    "Something else than Muster writes into this folder. Give the store a folder of its own.",
                    e);
        }
        if (e instanceof ClosedByInterruptException) {
            return new StoreException(
                    "STORE_UNREACHABLE",
                    "Cannot " + action + " " + key + " in " + url
                            + ": this was interrupted, by a cancellation or an end" + " of the program.",
                    "Nothing is wrong with the store. Do it again if it is still wanted.",
                    e);
        }
        return new StoreException(
                "STORE_UNREACHABLE",
                "Cannot " + action + " " + key + " in " + url + ": " + text,
                "Check the disk or the network mount behind the store, and the system's log.",
                e);
    }

    static StoreException denied(String action, String key, String url, @Nullable Exception e) {
        String message = "No permission to " + action + " " + key + " in " + url + ".";
        String hint = "The store's folder and all in it must belong to the user that runs Muster.";
        return e == null
                ? new StoreException("STORE_DENIED", message, hint)
                : new StoreException("STORE_DENIED", message, hint, e);
    }
}
