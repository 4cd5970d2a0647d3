package dev.muster.storage.local;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectKey;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Objects as files in a folder. An object is written under a temporary name beside its place, synced, then linked to
 * its name (a link refuses an existing target, so of two creators one wins), and the directory is synced. Directories
 * stay when their last object goes: removing them would race with a writer that has just made sure of them.
 */
public final class LocalStore implements ObjectStore {
    private final Path folder;
    private final String url;

    /** Directories whose own entry, and those of all above up to the folder, this process has synced. */
    private final Set<Path> durableDirectories = ConcurrentHashMap.newKeySet();

    private LocalStore(Path folder) {
        this.folder = folder;
        this.url = folder.toUri().toString().replaceFirst("/$", "");
        this.durableDirectories.add(folder);
    }

    /**
     * @param folder must exist: a missing one is more likely an unmounted disk than a wish for a new store
     * @throws StoreException STORE_MISSING, STORE_DENIED
     */
    public static LocalStore open(Path folder) {
        LocalStore store = new LocalStore(folder.toAbsolutePath().normalize());
        store.requireFolder();
        return store;
    }

    @Override
    public String url() {
        return url;
    }

    /** The folder, absolute. */
    public Path folder() {
        return folder;
    }

    @Override
    public ObjectWriter create(String key) {
        Path target = path(key);
        try {
            requireFolder();
            makeDirectory(DirectorySync.of(target));
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                throw new ObjectExistsException(url, key);
            }
            return new LocalObjectWriter(this, key, target);
        } catch (IOException e) {
            throw trouble("create", key, e);
        }
    }

    @Override
    public InputStream open(String key) {
        try {
            return new FileInputStream(regularFile(key).toFile());
        } catch (IOException e) {
            throw trouble("read", key, e);
        }
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        if (offset < 0 || length < 0 || offset + length < 0) {
            throw new IllegalArgumentException("Not a range: " + offset + ", " + length);
        }
        try {
            FileInputStream file = new FileInputStream(regularFile(key).toFile());
            try {
                long size = file.getChannel().size();
                if (offset + length > size) {
                    throw new StoreException(
                            "OBJECT_TOO_SHORT",
                            "The object " + key + " in " + url + " has " + size + " bytes; bytes " + offset + " to "
                                    + (offset + length) + " were asked for.",
                            "The object was cut short after it was written. Verify the backup, and the disk.");
                }
                file.getChannel().position(offset);
                return new FileRange(file, length);
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            throw trouble("read", key, e);
        }
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        Path path = path(key);
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile() ? Optional.of(info(key, attributes)) : Optional.empty();
        } catch (IOException e) {
            if (isAbsence(e)) {
                requireFolder();
                return Optional.empty();
            }
            throw trouble("look up", key, e);
        }
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        ObjectKey.checkPrefix(prefix);
        requireFolder();
        int slash = prefix.lastIndexOf('/');
        String directory = prefix.substring(0, slash + 1);
        try {
            Path start = directory.isEmpty() ? folder : folder.resolve(directory);
            if (Files.isDirectory(start)) {
                list(start, directory, prefix, each);
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw trouble("list", prefix, e);
        }
    }

    private void list(Path directory, String directoryKey, String prefix, Consumer<ObjectInfo> each)
            throws IOException {
        record Child(String key, Path path, BasicFileAttributes attributes) {}
        List<Child> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path path : stream) {
                String name = path.getFileName().toString();
                String key = directoryKey + name;
                if (name.startsWith(".") || !key.startsWith(prefix)) {
                    continue;
                }
                try {
                    BasicFileAttributes attributes =
                            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                    // With its slash, a directory sorts where its objects' keys sort: "a-b" comes before "a/b".
                    children.add(new Child(attributes.isDirectory() ? key + "/" : key, path, attributes));
                } catch (NoSuchFileException deletedMeanwhile) {
                    // An object that is deleted while we look is not left out: it is gone.
                }
            }
        }
        children.sort(Comparator.comparing(Child::key));
        for (Child child : children) {
            if (child.attributes().isDirectory()) {
                list(child.path(), child.key(), prefix, each);
            } else if (child.attributes().isRegularFile()) {
                each.accept(info(child.key(), child.attributes()));
            } else {
                throw new IOException(child.path() + " is neither a file nor a directory");
            }
        }
    }

    @Override
    public void delete(String key) {
        Path path = path(key);
        try {
            requireFolder();
            // An empty directory of that name is no object, and a writer may rely on it.
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && Files.deleteIfExists(path)) {
                DirectorySync.sync(DirectorySync.of(path));
            }
        } catch (IOException e) {
            if (isAbsence(e)) {
                return;
            }
            throw trouble("delete", key, e);
        }
    }

    private Path path(String key) {
        return folder.resolve(ObjectKey.check(key));
    }

    private Path regularFile(String key) throws IOException {
        Path path = path(key);
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            requireFolder();
            throw new ObjectMissingException(url, key);
        }
        return path;
    }

    private static ObjectInfo info(String key, BasicFileAttributes attributes) {
        return new ObjectInfo(
                key, attributes.size(), attributes.lastModifiedTime().toInstant());
    }

    /** A path below something that is a file, not a directory, is as absent as any other. */
    private static boolean isAbsence(IOException e) {
        return e instanceof NoSuchFileException
                || String.valueOf(e.getMessage()).endsWith("Not a directory");
    }

    private void requireFolder() {
        if (!Files.isDirectory(folder)) {
            throw new StoreException(
                    "STORE_MISSING",
                    "The folder of the store " + url + " does not exist.",
                    "Is its disk mounted? A new store's folder is created by hand: mkdir -p " + folder);
        }
        if (!Files.isReadable(folder)) {
            throw LocalTrouble.denied("open", folder.toString(), url, null);
        }
    }

    /**
     * Creates a directory and syncs its entry in the one above. Another process may have created it and be about to
     * sync, so finding it there is not enough: each process syncs once for itself.
     */
    private void makeDirectory(Path directory) throws IOException {
        if (durableDirectories.contains(directory) && Files.isDirectory(directory)) {
            return;
        }
        Path parent = DirectorySync.of(directory);
        makeDirectory(parent);
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
        DirectorySync.sync(parent);
        durableDirectories.add(directory);
    }

    StoreException trouble(String action, String key, Exception e) {
        return LocalTrouble.explain(action, key, url, e);
    }
}
