package dev.muster.repository;

import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.FramedStore;
import dev.muster.repository.frames.Sha256;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The backups of a store as the decisions over them tell: readers trust these only. */
final class CommittedBackups {
    private static final int BUFFER = 64 << 10;

    private final ObjectStore store;
    private final EncryptedStore objects;
    private final FramedStore framed;
    private final Decisions decisions;

    CommittedBackups(ObjectStore store, EncryptedStore objects, FramedStore framed, Decisions decisions) {
        this.store = store;
        this.objects = objects;
        this.framed = framed;
        this.decisions = decisions;
    }

    /** Those of a source, oldest id first. */
    List<CommittedBackup> of(String source, Consumer<RepositoryException> unreadable) {
        String prefix = Paths.backups(source);
        List<String> ids = new ArrayList<>();
        store.list(prefix, object -> {
            String[] parts = object.key().substring(prefix.length()).split("/");
            if (parts.length == 2 && parts[1].equals("COMMIT")) {
                ids.add(parts[0]);
            }
        });
        List<CommittedBackup> backups = new ArrayList<>();
        for (String backup : ids) {
            try {
                decisions.committed(source, backup).ifPresent(backups::add);
            } catch (ObjectMissingException gone) {
                // Expiry takes COMMIT away first: the backup has ended since it was listed.
            } catch (RepositoryException e) {
                unreadable.accept(e);
            } catch (StoreException e) {
                unreadable.accept(new RepositoryException(e.code(), String.valueOf(e.getMessage()), e.hint(), e));
            }
        }
        return List.copyOf(backups);
    }

    /** What was decided over one; empty if nothing was yet, or if it was expired. */
    Optional<Decision> decision(String source, String backup) {
        try {
            return Optional.of(decisions
                    .committed(source, backup)
                    .<Decision>map(Decision.Committed::new)
                    .orElseGet(() -> new Decision.Aborted(backup)));
        } catch (ObjectMissingException undecided) {
            return Optional.empty();
        }
    }

    /** @throws RepositoryException BACKUP_UNKNOWN, BACKUP_NOT_COMMITTED, OBJECT_DAMAGED */
    CommittedBackup require(String source, String backup) {
        try {
            return decisions
                    .committed(source, backup)
                    .orElseThrow(() -> new RepositoryException(
                            "BACKUP_NOT_COMMITTED",
                            "The backup " + backup + " of " + source + " was decided against and cannot be used.",
                            "Choose another one: list the backups of " + source + "."));
        } catch (ObjectMissingException e) {
            throw new RepositoryException(
                    "BACKUP_UNKNOWN",
                    "There is no committed backup " + backup + " of " + source + " in " + store.url() + ".",
                    "It may still be running, or its writer died. List the backups of " + source + ".",
                    e);
        }
    }

    /** Checks the manifest against COMMIT before it is read. */
    BackupReader open(String source, String backup) {
        CommittedBackup committed = require(source, backup);
        checkManifest(committed);
        BackupReader reader = new BackupReader(committed, objects, framed);
        BackupHeader header = reader.header();
        if (!header.source().equals(source) || !header.id().equals(backup)) {
            throw Damage.of(Paths.manifest(source, backup), "it is the manifest of another backup");
        }
        return reader;
    }

    private void checkManifest(CommittedBackup committed) {
        String key = Paths.manifest(committed.source(), committed.id());
        var digest = Sha256.instance();
        long size = 0;
        try (InputStream stream = store.open(key)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                digest.update(buffer, 0, read);
                size += read;
            }
        } catch (IOException e) {
            throw Description.unreadable(key, store, e);
        }
        if (size != committed.manifestSize() || !ContentHash.of(digest.digest()).equals(committed.manifestHash())) {
            throw Damage.of(key, "it is not the manifest that COMMIT names");
        }
    }
}
