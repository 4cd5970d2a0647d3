package dev.muster.storage;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A store of objects that are created once, whole, and never rewritten. Thread-safe. Every method but
 * {@link #url()} throws {@link StoreException} with STORE_MISSING, STORE_UNREACHABLE or STORE_DENIED where the store
 * itself is the trouble, and INVALID_KEY for a key that {@link ObjectKey} refuses.
 */
public interface ObjectStore {
    /** Where this is, as {@link Stores#open} takes it; without secrets. */
    String url();

    /**
     * Begins an object. An existing key may be noticed here or only at {@link ObjectWriter#commit()}.
     *
     * @throws ObjectExistsException if the key is taken
     */
    ObjectWriter create(String key);

    /**
     * Begins an object that is kept from removal for another time than the store's settings say, such as one that will
     * soon be replaced by a larger one. A store that locks nothing has nothing to do differently.
     *
     * @throws ObjectExistsException if the key is taken
     */
    default ObjectWriter create(String key, Retention retention) {
        return create(key);
    }

    /** What keeps objects from being removed, where this store's URL asks for it. */
    default Optional<ObjectLock> lock() {
        return Optional.empty();
    }

    /**
     * Creates a whole object, durable on return.
     *
     * @throws ObjectExistsException if the key is taken
     */
    default void create(String key, InputStream content) {
        try (ObjectWriter writer = create(key)) {
            byte[] buffer = new byte[64 << 10];
            for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
                writer.write(buffer, 0, read);
            }
            writer.commit();
        } catch (IOException e) {
            throw new StoreException(
                    "CONTENT_UNREADABLE",
                    "The content for the object " + key + " could not be read: " + e.getMessage(),
                    "Nothing was stored. Check where the content comes from.",
                    e);
        }
    }

    /**
     * The whole object. Its reads throw {@link IOException}, never return less than there is.
     *
     * @throws ObjectMissingException if the store has no such object
     */
    InputStream open(String key);

    /**
     * Exactly {@code length} bytes from {@code offset}.
     *
     * @throws ObjectMissingException if the store has no such object
     * @throws StoreException OBJECT_TOO_SHORT if the object ends before {@code offset + length}
     */
    InputStream open(String key, long offset, long length);

    Optional<ObjectInfo> find(String key);

    /**
     * Tells of every object whose key begins with the prefix, in the order of the keys' bytes. It returns normally only
     * if nothing was left out; objects created or deleted meanwhile may or may not be told of.
     *
     * @param prefix of the key's text, not of its parts: {@code a/b} finds {@code a/bc}; empty for all
     */
    void list(String prefix, Consumer<ObjectInfo> each);

    /** Removes the object; success if there is none. Durable on return. */
    void delete(String key);
}
