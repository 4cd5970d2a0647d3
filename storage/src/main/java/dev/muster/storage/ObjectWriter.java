package dev.muster.storage;

/**
 * An object under construction. Nothing of it is visible in the store before {@link #commit()}, and nothing stays after
 * a {@link #close()} without it, or after the process died. For one thread.
 */
public interface ObjectWriter extends AutoCloseable {
    /** @throws StoreException STORE_FULL, STORE_UNREACHABLE */
    void write(byte[] bytes, int offset, int length);

    /**
     * Makes the object visible, whole and durable, or fails. Of several writers of one key exactly one succeeds. After
     * an error other than {@link ObjectExistsException} the outcome is unknown: look the object up before trying again.
     *
     * @throws ObjectExistsException if the key is taken; what is there is not touched
     */
    void commit();

    /** Without a commit before: gives the object up. Never throws for leftovers that no reader can see. */
    @Override
    void close();
}
