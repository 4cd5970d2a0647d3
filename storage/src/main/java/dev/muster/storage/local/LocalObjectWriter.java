package dev.muster.storage.local;

import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes beside the object's place under a name that listings ignore, and links it into place when it is durable. */
final class LocalObjectWriter implements ObjectWriter {
    /** What a temporary file's name begins with. */
    static final String TEMPORARY = ".tmp-";

    private static final Logger LOG = LoggerFactory.getLogger(LocalObjectWriter.class);

    private final LocalStore store;
    private final String key;
    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private boolean ended;

    LocalObjectWriter(LocalStore store, String key, Path target) throws IOException {
        this.store = store;
        this.key = key;
        this.target = target;
        this.temporary = target.resolveSibling(TEMPORARY + UUID.randomUUID());
        this.channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        requireOpen();
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            throw store.trouble("write", key, e);
        }
    }

    @Override
    public void commit() {
        requireOpen();
        try {
            channel.force(true);
            channel.close();
            link();
            ended = true;
            removeTemporary();
            DirectorySync.sync(DirectorySync.of(target));
        } catch (UnsupportedOperationException e) {
            throw linksUnsupported(e);
        } catch (FileSystemException e) {
            String text = String.valueOf(e.getReason()).toLowerCase(Locale.ROOT);
            throw text.contains("operation not permitted") || text.contains("not supported")
                    ? linksUnsupported(e)
                    : store.trouble("commit", key, e);
        } catch (IOException e) {
            throw store.trouble("commit", key, e);
        }
    }

    private void link() throws IOException {
        try {
            Files.createLink(target, temporary);
        } catch (FileAlreadyExistsException e) {
            throw store.exists(key, target);
        }
    }

    @Override
    public void close() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("Closing {} failed; its object was given up anyway", temporary, e);
        }
        removeTemporary();
    }

    private void removeTemporary() {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            LOG.warn("The temporary file {} stays behind; it may be deleted by hand", temporary, e);
        }
    }

    private void requireOpen() {
        if (ended) {
            throw new IllegalStateException("The object " + key + " was committed or closed before");
        }
    }

    private StoreException linksUnsupported(Exception e) {
        return new StoreException(
                "STORE_UNSUPPORTED",
                "The file system of " + store.url() + " has no hard links, so an object cannot be created only once.",
                "Use a POSIX file system (ext4, XFS, ZFS, NFS) for a local store.",
                e);
    }
}
