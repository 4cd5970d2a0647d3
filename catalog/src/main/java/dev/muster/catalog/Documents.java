package dev.muster.catalog;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** Texts that are referred to by the SHA-256 of their UTF-8 bytes: runbooks, systems, plans. Never changed. */
public final class Documents {
    private static final int LONGEST = 1024 * 1024;

    private final Database database;

    Documents(Database database) {
        this.database = database;
    }

    /**
     * Keeps the text; the same text again changes nothing.
     *
     * @param kind such as {@code runbook}
     * @param content at most 1 MiB of characters
     * @return its hash, 64 hexadecimal digits
     */
    public String put(String kind, String content) {
        if (content.length() > LONGEST || content.indexOf('\0') >= 0) {
            throw new CatalogException(
                    "DOCUMENT_UNSTORABLE",
                    "A " + kind + " with " + content.length() + " characters cannot be kept in the catalogue.",
                    "A document has at most " + LONGEST + " characters and no NUL.");
        }
        String hash = hash(content);
        database.with(handle -> handle.execute(
                "insert into record.document (hash, kind, content) values (?, ?, ?) on conflict do nothing",
                hash,
                kind,
                content));
        return hash;
    }

    public Optional<String> find(String hash) {
        if (!hash.matches("[0-9a-f]{64}")) {
            return Optional.empty();
        }
        return database.with(handle -> handle.createQuery("select content from record.document where hash = :hash")
                .bind("hash", hash)
                .mapTo(String.class)
                .findOne());
    }

    /** The hash under which a text is kept. */
    public static String hash(String content) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }
}
