package dev.muster.storage;

/** Code OBJECT_MISSING: the store answered, and has no object of this name. */
public final class ObjectMissingException extends StoreException {
    public ObjectMissingException(String url, String key) {
        super(
                "OBJECT_MISSING",
                "The object " + key + " does not exist in " + url + ".",
                "Check that this is the right store, and whether the object was removed by hand or by a lifecycle rule.");
    }
}
