package dev.muster.storage;

/** Code OBJECT_TOO_SHORT: an object has fewer bytes than were asked for. */
public final class ObjectTooShortException extends StoreException {
    /** @param size that it has */
    public ObjectTooShortException(String url, String key, long size, long offset, long length) {
        super(
                "OBJECT_TOO_SHORT",
                "The object " + key + " in " + url + " has " + size + " bytes; bytes " + offset + " to "
                        + (offset + length) + " were asked for.",
                "It was cut short after it was written, or another is stored under its name. Verify the backup, and the"
                        + " store.");
    }
}
