package dev.muster.storage;

/**
 * Code OBJECT_EXISTS: objects are created once and never rewritten, and somebody else created this one first. What is
 * there is whole and durable.
 */
public final class ObjectExistsException extends StoreException {
    public ObjectExistsException(String url, String key) {
        super(
                "OBJECT_EXISTS",
                "The object " + key + " exists already in " + url + ".",
                "Objects are never rewritten: another writer uses the same name, or this step ran before.");
    }
}
