package dev.muster.workflows.approval;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * The private keys of a service that signs for people, in a folder of its own. The one created last signs; the others
 * stay so that a key can be put in place before the workers trust it. A new file counts without a restart.
 */
public final class IssuerKeys {
    private final KeyFolder folder;
    private final Path path;

    private IssuerKeys(KeyFolder folder, Path path) {
        this.folder = folder;
        this.path = path;
    }

    /**
     * Reads every {@code *.private.jwk} file of the folder.
     *
     * @throws IOException if the folder or a file in it cannot be read, or there is no issuer's key
     */
    public static IssuerKeys read(Path folder) throws IOException {
        IssuerKeys keys =
                new IssuerKeys(KeyFolder.open(folder, file -> file.toString().endsWith(".private.jwk")), folder);
        keys.newest();
        return keys;
    }

    /** @throws IOException if there is no issuer's private key, or the folder cannot be read */
    public ApproverKey newest() throws IOException {
        return folder.keys().values().stream()
                .filter(key -> key.issuer() && key.canSign())
                .max(Comparator.comparing(ApproverKey::created).thenComparing(ApproverKey::keyId))
                .orElseThrow(() -> new IOException("There is no issuer's private key (*.private.jwk) in " + path));
    }
}
