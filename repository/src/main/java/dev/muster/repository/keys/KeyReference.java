package dev.muster.repository.keys;

import dev.muster.repository.RepositoryException;
import java.nio.file.Path;
import java.util.List;

/** Finds the key that a reference names. Of a wrong reference nothing is repeated: it may be the secret itself. */
final class KeyReference {
    private KeyReference() {}

    static WrappingKey resolve(String reference) {
        int colon = reference.indexOf(':');
        String scheme = colon < 0 ? "" : reference.substring(0, colon);
        String rest = reference.substring(colon + 1);
        return switch (scheme) {
            case "file" -> KeyFile.read(path(rest));
            case "passphrase" -> passphrase(rest);
            case "local-kms" -> new KmsKey(new LocalKms(path(rest)));
            case "aws-kms" -> new KmsKey(AwsKms.of(rest));
            default -> throw invalid("it begins with none of the known schemes");
        };
    }

    private static Passphrase passphrase(String place) {
        if (place.startsWith("file:")) {
            return Passphrase.read(path(place.substring("file:".length())));
        }
        if (!place.matches("env:[A-Za-z_][A-Za-z0-9_]*")) {
            throw invalid("a passphrase is at env:NAME or file:/path");
        }
        String value = System.getenv(place.substring("env:".length()));
        if (value == null) {
            throw new RepositoryException(
                    "PASSPHRASE_MISSING",
                    "The environment of this process has no " + place + ".",
                    "Set the variable where this process is started, or put the passphrase into a file.");
        }
        return new Passphrase(place, List.of(), value, ScryptCost.DEFAULT);
    }

    private static Path path(String text) {
        if (!text.startsWith("/")) {
            throw invalid("a path must be absolute");
        }
        try {
            return Path.of(text);
        } catch (java.nio.file.InvalidPathException e) {
            throw invalid("it is no path");
        }
    }

    /** Without a cause: its message would repeat what was written. */
    static RepositoryException invalid(String why) {
        return new RepositoryException(
                "KEY_REFERENCE_INVALID",
                "Not a reference to a key: " + why + ".",
                "Write file:/path, passphrase:env:NAME, passphrase:file:/path, local-kms:/path or aws-kms:ARN, where ARN"
                        + " is that of a key, not of an alias; never the secret itself.");
    }
}
