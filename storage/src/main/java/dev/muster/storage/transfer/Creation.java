package dev.muster.storage.transfer;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.StoreException;
import dev.muster.storage.retry.Retries;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** The one request that makes an object appear, whose answer may be lost. */
public final class Creation {
    private Creation() {}

    /**
     * Creates an object that must not be there. An attempt that seemed to fail may have succeeded, and the next one then
     * finds the key taken: by this writer itself.
     *
     * @param isOurs whether what is there was created by this writer
     * @throws ObjectExistsException if somebody else created it
     */
    public static void once(Retries retries, Runnable request, BooleanSupplier isOurs) {
        AtomicBoolean uncertain = new AtomicBoolean();
        retries.call(() -> {
            try {
                request.run();
            } catch (ObjectExistsException e) {
                if (!uncertain.get() || !isOurs.getAsBoolean()) {
                    throw e;
                }
            } catch (StoreException e) {
                uncertain.set(true);
                throw e;
            }
            return true;
        });
    }
}
