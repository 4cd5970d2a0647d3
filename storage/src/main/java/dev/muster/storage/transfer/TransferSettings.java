package dev.muster.storage.transfer;

import dev.muster.storage.StoreUrl;

/**
 * How an object is cut for its upload, from a store's URL.
 *
 * @param partSize in bytes, a multiple of 256 KiB
 * @param parallel how many parts of one object are sent at a time; one more is held while it is filled
 */
public record TransferSettings(int partSize, int parallel) {
    public static final String PART_SIZE = "part-size";
    public static final String PARALLEL = "parallel";

    private static final long USUAL_PART = 16L << 20;
    private static final long LEAST_PART = 1L << 20;
    private static final long MOST_PART = 256L << 20;
    private static final long STEP = 256L << 10;
    private static final int MOST_PARALLEL = 64;

    /** @throws dev.muster.storage.StoreException STORE_URL_INVALID */
    public static TransferSettings of(StoreUrl url, int usualParallel) {
        long size = url.bytes(PART_SIZE).orElse(USUAL_PART);
        if (size < LEAST_PART || size > MOST_PART || size % STEP != 0) {
            throw url.invalid("the setting '" + PART_SIZE + "' is from 1MiB to 256MiB, in steps of 256KiB");
        }
        return new TransferSettings((int) size, url.count(PARALLEL, usualParallel, 1, MOST_PARALLEL));
    }
}
