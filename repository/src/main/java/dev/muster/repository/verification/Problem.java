package dev.muster.repository.verification;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import java.util.Optional;

/**
 * Something that is not as it should be.
 *
 * @param code stable, listed in docs/reference/errors.md
 * @param object the key of the object that it is about
 * @param file of the backup that cannot be restored for it, where one is known
 */
public record Problem(String code, String object, Optional<String> file, String message, String hint) {
    /** @param failure a RepositoryException or StoreException; another one is a fault and thrown on */
    public static Problem of(String object, RuntimeException failure) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof RepositoryException e) {
            return new Problem(e.code(), object, Optional.empty(), message, e.hint());
        }
        if (failure instanceof StoreException e) {
            return new Problem(e.code(), object, Optional.empty(), message, e.hint());
        }
        throw failure;
    }

    /** Whether the store failed to answer, which says nothing of what it holds. */
    public boolean isOfTheStore() {
        return code.startsWith("STORE_");
    }

    /** The same with the file that it keeps from being restored. */
    public Problem of(String restoredFile) {
        return new Problem(
                code,
                object,
                Optional.of(restoredFile),
                "The file " + restoredFile + " cannot be restored: " + message,
                hint);
    }

    public RepositoryException toException() {
        return new RepositoryException(code, message, hint);
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("code", code).put("object", object);
        file.ifPresent(path -> json.put("file", path));
        return json.put("message", message).put("hint", hint);
    }
}
