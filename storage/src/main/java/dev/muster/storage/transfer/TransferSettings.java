package dev.muster.storage.transfer;

import dev.muster.storage.StoreUrl;
import java.util.Set;

/**
 * How an object is cut for its upload, from a store's URL.
 *
 * @param partSize in bytes
 * @param parallel how many parts of one object are sent at a time; one more is held while it is filled
 */
public record TransferSettings(int partSize, int parallel) {
    public static final String PART_MIB = "part-mib";
    public static final String PARALLEL = "parallel";
    public static final Set<String> NAMES = Set.of(PART_MIB, PARALLEL);

    private static final int DEFAULT_PART_MIB = 16;
    private static final int MOST_PART_MIB = 256;
    private static final int MOST_PARALLEL = 32;

    /** @throws dev.muster.storage.StoreException STORE_URL_INVALID */
    public static TransferSettings of(StoreUrl url, int parallelByDefault) {
        return new TransferSettings(
                number(url, PART_MIB, DEFAULT_PART_MIB, MOST_PART_MIB) << 20,
                number(url, PARALLEL, parallelByDefault, MOST_PARALLEL));
    }

    private static int number(StoreUrl url, String name, int byDefault, int most) {
        String text = url.setting(name).orElse(Integer.toString(byDefault));
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > most) {
            throw StoreUrl.invalid(url.toString(), "the setting '" + name + "' is a number from 1 to " + most);
        }
        return Integer.parseInt(text);
    }
}
