package dev.muster.storage.local;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectKey;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectTooShortException;
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

    /** Whether this process has seen a directory in the folder; none is ever removed. */
    private volatile boolean filled;

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
        try {
            store.requireMounted();
        } catch (IOException e) {
            throw store.trouble("open", folder.toString(), e);
        }
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
            requireMounted();
            makeDirectory(DirectorySync.of(target));
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                throw exists(key, target);
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
                    throw new ObjectTooShortException(url, key, size, offset, length);
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
        ObjectKey.check(key);
        try {
            return attributes(key).filter(BasicFileAttributes::isRegularFile).map(attributes -> info(key, attributes));
        } catch (IOException e) {
            throw trouble("look up", key, e);
        }
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        ObjectKey.checkPrefix(prefix);
        int slash = prefix.lastIndexOf('/');
        String directory = prefix.substring(0, slash + 1);
        try {
            requireMounted();
            Path start = directory.isEmpty() ? folder : folder.resolve(directory);
            if (Files.isDirectory(start) || !isAbsent(directory)) {
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
            // An empty directory of that name is no object, and a writer may rely on it.
            if (attributes(key).filter(found -> !found.isDirectory()).isPresent()) {
                Files.deleteIfExists(path);
            }
            // Also if it is gone already: who removed it may have died before that was durable.
            if (Files.isDirectory(DirectorySync.of(path))) {
                DirectorySync.sync(DirectorySync.of(path));
            }
        } catch (IOException e) {
            throw trouble("delete", key, e);
        }
    }

    private Path path(String key) {
        return folder.resolve(ObjectKey.check(key));
    }

    private Path regularFile(String key) throws IOException {
        Path path = path(key);
        if (attributes(key).filter(BasicFileAttributes::isRegularFile).isEmpty()) {
            throw new ObjectMissingException(url, key);
        }
        return path;
    }

    /** Empty only if nothing is there; an exception if that cannot be told. */
    private Optional<BasicFileAttributes> attributes(String key) throws IOException {
        try {
            return Optional.of(
                    Files.readAttributes(folder.resolve(key), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            requireMounted();
            // Missing then, and there by now: somebody is creating it.
            if (!isAbsent(key) && !(e instanceof NoSuchFileException)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /**
     * Whether the file system says that there is nothing of this name: a directory above is missing, or a file. A
     * directory that may not be entered, or a link to a disk that is not mounted, says nothing.
     */
    private boolean isAbsent(String key) throws IOException {
        Path at = folder;
        for (Path name : Path.of(key)) {
            at = at.resolve(name);
            BasicFileAttributes attributes;
            try {
                attributes = Files.readAttributes(at, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            } catch (NoSuchFileException e) {
                return true;
            }
            if (attributes.isSymbolicLink()) {
                attributes = linked(at);
            }
            if (!attributes.isDirectory()) {
                return true;
            }
        }
        return false;
    }

    private static BasicFileAttributes linked(Path link) throws IOException {
        try {
            return Files.readAttributes(link, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            throw new IOException(link + " is a link to something that is not there", e);
        }
    }

    private static ObjectInfo info(String key, BasicFileAttributes attributes) {
        return new ObjectInfo(
                key, attributes.size(), attributes.lastModifiedTime().toInstant());
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
     * An empty folder where something was is the mount point of a disk that is gone: what is written there is hidden when
     * the disk is back, and what is not found there is not missing.
     */
    private void requireMounted() throws IOException {
        requireFolder();
        boolean filledBefore = filled;
        boolean empty = true;
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            for (Path path : stream) {
                empty = false;
                filled = filled || Files.isDirectory(path);
                if (filled) {
                    return;
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        if (empty && filledBefore) {
            throw new StoreException(
                    "STORE_MISSING",
                    "The folder of the store " + url + " is empty, and had objects before.",
                    "Is its disk still mounted? If a new store is meant, start Muster again.");
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
        filled = true;
        durableDirectories.add(directory);
    }

    /** Whoever takes this for success may rely on the object: its creator may have died before it made it durable. */
    ObjectExistsException exists(String key, Path target) throws IOException {
        DirectorySync.sync(DirectorySync.of(target));
        return new ObjectExistsException(url, key);
    }

    StoreException trouble(String action, String key, Exception e) {
        return LocalTrouble.explain(action, key, url, e);
    }
}
