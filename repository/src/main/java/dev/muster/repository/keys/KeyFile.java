package dev.muster.repository.keys;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Hkdf;
import dev.muster.repository.encryption.Secret;
import dev.muster.repository.frames.Sha256;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file outside of the store that opens a repository's keys: one line, {@code MUSTER-KEY-1 <64 hex> <16 hex checksum>}.
 * Whoever has it and the store can read every backup; without it nobody can.
 */
public final class KeyFile {
    private static final Logger LOG = LoggerFactory.getLogger(KeyFile.class);
    private static final Pattern FORM = Pattern.compile("(MUSTER-KEY-1 ([0-9a-f]{64})) ([0-9a-f]{16})\\s*");
    private static final int MAX_LENGTH = 1024;

    private final Path path;
    private final Secret secret;

    private KeyFile(Path path, Secret secret) {
        this.path = path;
        this.secret = secret;
    }

    /**
     * Writes a new key file, readable by its owner only.
     *
     * @throws RepositoryException KEY_FILE_EXISTS (it is never overwritten), KEY_FILE_UNWRITABLE
     */
    public static KeyFile generate(Path path) {
        Secret secret = Secret.random();
        String text = "MUSTER-KEY-1 " + HexFormat.of().formatHex(secret.bytes());
        byte[] line = (text + " " + checksum(text) + "\n").getBytes(StandardCharsets.US_ASCII);
        Set<PosixFilePermission> ownerOnly = PosixFilePermissions.fromString("rw-------");
        Set<StandardOpenOption> create = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(path, create, PosixFilePermissions.asFileAttribute(ownerOnly))) {
            channel.write(java.nio.ByteBuffer.wrap(line));
            channel.force(true);
            syncFolder(path);
        } catch (FileAlreadyExistsException e) {
            throw new RepositoryException(
                    "KEY_FILE_EXISTS",
                    "The key file " + path + " exists already.",
                    "It may be the only key to existing backups, so it is never overwritten. Choose another name.",
                    e);
        } catch (IOException e) {
            throw new RepositoryException(
                    "KEY_FILE_UNWRITABLE",
                    "The key file " + path + " cannot be written: " + e,
                    "Its folder must exist and be writable for this user.",
                    e);
        }
        return new KeyFile(path, secret);
    }

    /** Without it a loss of power may take the name of the only key to a repository that is durable itself. */
    private static void syncFolder(Path path) throws IOException {
        Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** @throws RepositoryException KEY_FILE_MISSING, KEY_FILE_UNREADABLE, KEY_FILE_DAMAGED */
    public static KeyFile read(Path path) {
        String text;
        try (java.io.InputStream stream = Files.newInputStream(path)) {
            text = new String(stream.readNBytes(MAX_LENGTH), StandardCharsets.US_ASCII);
        } catch (NoSuchFileException e) {
            throw new RepositoryException(
                    "KEY_FILE_MISSING",
                    "There is no key file " + path + ".",
                    "Bring it from where you keep its copy. Without it no backup of its repository can be read.",
                    e);
        } catch (IOException e) {
            throw new RepositoryException(
                    "KEY_FILE_UNREADABLE",
                    "The key file " + path + " cannot be read: " + e,
                    "It must be a file that this user may read.",
                    e);
        }
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || !checksum(matcher.group(1)).equals(matcher.group(3))) {
            throw new RepositoryException(
                    "KEY_FILE_DAMAGED",
                    "The key file " + path + " is damaged, or is no key file: its line must be MUSTER-KEY-1, 64 and 16"
                            + " lower-case hexadecimal digits, and the last are a checksum that must fit.",
                    "Bring it again from where you keep its copy, or compare the line with the copy on paper.");
        }
        warnIfOthersMayRead(path);
        return new KeyFile(path, new Secret(HexFormat.of().parseHex(matcher.group(2))));
    }

    public Path path() {
        return path;
    }

    /** Tells key files apart without telling the key: 16 lower-case hexadecimal digits. */
    public String id() {
        byte[] info = "muster-key-file-id\n1".getBytes(StandardCharsets.US_ASCII);
        return HexFormat.of().formatHex(Hkdf.derive(secret.bytes(), new byte[0], info, 8));
    }

    byte[] wrappingKey(byte[] salt, byte[] info) {
        return Hkdf.derive(secret.bytes(), salt, info, Secret.LENGTH);
    }

    private static String checksum(String text) {
        return Sha256.hash(text.getBytes(StandardCharsets.US_ASCII)).toString().substring(0, 16);
    }

    private static void warnIfOthersMayRead(Path path) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
                LOG.warn("Every user of this machine may read the key file {}: chmod 600 it", path);
            }
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("The permissions of {} cannot be told", path, e);
        }
    }
}
