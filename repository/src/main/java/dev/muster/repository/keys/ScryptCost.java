package dev.muster.repository.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.RepositoryException;

/**
 * What one guess of a passphrase costs: {@code 128 * n * r} bytes of memory, and time in proportion to
 * {@code n * r * p}.
 *
 * @param n a power of two, 2 or more
 * @param r 1 or more
 * @param p 1 or more
 */
record ScryptCost(int n, int r, int p) {
    /** 64 MiB and a quarter of a second, as OWASP's Password Storage Cheat Sheet has it for scrypt. */
    static final ScryptCost DEFAULT = new ScryptCost(1 << 16, 8, 2);

    /** In blocks of 128 bytes: 256 MiB. Who can write to the store must not be able to make a reader run out of memory. */
    private static final long MAX_MEMORY = 1L << 21;

    /** Eight times the default. */
    private static final long MAX_WORK = 1L << 23;

    ScryptCost {
        if (n < 2 || Integer.bitCount(n) != 1 || r < 1 || p < 1) {
            throw new IllegalArgumentException("Not a cost of scrypt: n=" + n + ", r=" + r + ", p=" + p);
        }
        long memory = (long) n * r;
        if (memory > MAX_MEMORY || p > MAX_WORK || memory * p > MAX_WORK) {
            throw new IllegalArgumentException(
                    "More than 256 MiB or eight times the usual work: n=" + n + ", r=" + r + ", p=" + p);
        }
    }

    /** @throws RepositoryException PASSPHRASE_COST_REFUSED, before anything is computed */
    static ScryptCost read(ObjectNode fields) {
        try {
            return new ScryptCost(
                    fields.path("n").asInt(),
                    fields.path("r").asInt(),
                    fields.path("p").asInt());
        } catch (IllegalArgumentException e) {
            throw new RepositoryException(
                    "PASSPHRASE_COST_REFUSED",
                    "A passphrase slot asks for more work than this program does, or for none: " + e.getMessage() + ".",
                    "Open the repository with another key, and revoke that slot: no Muster has written it.",
                    e);
        }
    }

    void write(ObjectNode fields) {
        fields.put("n", n).put("r", r).put("p", p);
    }
}
