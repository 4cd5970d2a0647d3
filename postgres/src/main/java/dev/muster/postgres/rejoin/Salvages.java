package dev.muster.postgres.rejoin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.repository.BackupReader;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.Repository;
import dev.muster.repository.RunSink;
import dev.muster.repository.frames.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The salvages of a cluster in the repository: listed, shown, read back. */
public final class Salvages {
    /** Of a backup's header and summary: what kind it is. */
    public static final String WHAT = "salvage";

    static final String DOCUMENT = "transactions.json";
    static final String DIGEST = "sha256";

    private static final byte[] ZEROS = new byte[1 << 16];

    private final Repository repository;
    private final String source;

    /** @param source of the cluster's backups, such as {@code orders-main} */
    public Salvages(Repository repository, String source) {
        this.repository = repository;
        this.source = source(source);
    }

    /** Where a cluster's salvages are, so that no rule for its backups expires them. */
    static String source(String cluster) {
        return cluster + "-salvage";
    }

    /** All of them, oldest first. */
    public List<Salvaged> list() {
        return repository.backups(source).stream().map(this::salvaged).toList();
    }

    /** The newest that holds all that an old primary has now; empty if there is none. */
    Optional<Salvaged> covering(Ancestry ancestry) {
        return list().stream().filter(salvaged -> salvaged.covers(ancestry)).reduce((earlier, later) -> later);
    }

    /** @throws PostgresException SALVAGE_UNREADABLE; and what reading a backup throws */
    public SalvageReport show(String id) {
        BackupReader reader = repository.backup(source, id);
        for (Entry entry : files(reader)) {
            if (entry.path().text().equals(Optional.of(DOCUMENT))) {
                ByteArrayOutputStream content = new ByteArrayOutputStream();
                copy(reader, entry, content);
                return SalvageDocument.read(content.toByteArray(), SalvageReport.class, DOCUMENT + " of salvage " + id);
            }
        }
        throw new PostgresException(
                "SALVAGE_UNREADABLE", "The salvage " + id + " has no " + DOCUMENT, "Is it a salvage? List them.");
    }

    /**
     * Reads a salvage back whole and compares each file with the digest of what was read on the old primary.
     *
     * @throws PostgresException SALVAGE_DAMAGED
     * @throws dev.muster.repository.RepositoryException OBJECT_DAMAGED and the like
     */
    public void verify(String id) {
        BackupReader reader = repository.backup(source, id);
        for (Entry entry : files(reader)) {
            DigestOutputStream digest = new DigestOutputStream(OutputStream.nullOutputStream(), Sha256.instance());
            copy(reader, entry, digest);
            String found = HexFormat.of().formatHex(digest.getMessageDigest().digest());
            if (!found.equals(entry.attributes().get(DIGEST))) {
                throw new PostgresException(
                        "SALVAGE_DAMAGED",
                        "The file " + entry.path() + " of salvage " + id + " is not what was read on the old primary",
                        "Nothing was changed there. Verify the repository, then salvage again.");
            }
        }
    }

    private static List<Entry> files(BackupReader reader) {
        List<Entry> files = new ArrayList<>();
        reader.entries(entry -> {
            if (entry.type() == Entry.Type.FILE) {
                files.add(entry);
            }
        });
        return files;
    }

    private static void copy(BackupReader reader, Entry entry, OutputStream target) {
        try {
            reader.copy(entry, new RunSink() {
                @Override
                public void zeros(long offset, int length) throws IOException {
                    for (int left = length; left > 0; left -= ZEROS.length) {
                        target.write(ZEROS, 0, Math.min(left, ZEROS.length));
                    }
                }

                @Override
                public void bytes(long offset, byte[] bytes, int at, int length) throws IOException {
                    target.write(bytes, at, length);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + entry.path() + " of the salvage", e);
        }
    }

    static ObjectNode summary(SalvageReport report, String token, long bytes) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("what", WHAT)
                .put("token", token)
                .put("systemId", report.systemId())
                .put("timeline", report.range().timeline())
                .put("from", report.range().from().toString())
                .put("to", report.range().to().toString())
                .put("controlHash", report.controlHash())
                .put("bytes", bytes)
                .put("committed", report.committed())
                .put("unfinished", report.unfinished().size());
    }

    Salvaged salvaged(CommittedBackup backup) {
        JsonNode summary = backup.summary();
        return new Salvaged(
                source,
                backup.id(),
                summary.path("token").asText(),
                summary.path("systemId").asText(),
                new DivergentRange(
                        summary.path("timeline").asInt(),
                        Lsn.parse(summary.path("from").asText()),
                        Lsn.parse(summary.path("to").asText())),
                summary.path("controlHash").asText(),
                summary.path("bytes").asLong(),
                summary.path("committed").asLong(),
                summary.path("unfinished").asLong());
    }
}
