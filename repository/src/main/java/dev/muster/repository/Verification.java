package dev.muster.repository;

import dev.muster.repository.locks.HiddenObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What verifying a backup found.
 *
 * @param files of the backup
 * @param packs of its own that were read whole
 * @param frames that were decrypted, decompressed and hashed
 * @param bytes of those, raw
 * @param problems each names the object, and the file where one is touched; the first 1,000
 */
public record Verification(long files, long packs, long frames, long bytes, List<RepositoryException> problems) {
    public Verification {
        problems = List.copyOf(problems);
    }

    /** The same with what a store's locks kept from somebody who deleted it. */
    Verification with(List<HiddenObject> hidden, String url) {
        List<RepositoryException> all = new ArrayList<>(problems);
        hidden.forEach(object -> all.add(object.problem(url)));
        return new Verification(files, packs, frames, bytes, all);
    }

    public boolean sound() {
        return problems.isEmpty();
    }

    /** @throws RepositoryException the first problem, if there is one */
    public Verification requireSound() {
        if (!sound()) {
            throw problems.get(0);
        }
        return this;
    }
}
