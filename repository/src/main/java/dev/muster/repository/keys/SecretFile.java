package dev.muster.repository.keys;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Secret;
import dev.muster.repository.frames.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
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
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file that holds a secret of 32 bytes in one line: {@code <tag> <64 hex> <16 hex checksum>}. */
final class SecretFile {
    private static final Logger LOG = LoggerFactory.getLogger(SecretFile.class);
    private static final Pattern FORM = Pattern.compile("(([A-Z0-9-]{1,40}) ([0-9a-f]{64})) ([0-9a-f]{16})\\s*");
    private static final int MAX_LENGTH = 4096;

    private SecretFile() {}

    /**
     * Writes a new one, readable by its owner only.
     *
     * @throws RepositoryException KEY_FILE_EXISTS (it is never overwritten), KEY_FILE_UNWRITABLE
     */
    static void write(Path path, String tag, Secret secret) {
        String text = tag + " " + HexFormat.of().formatHex(secret.bytes());
        byte[] line = (text + " " + checksum(text) + "\n").getBytes(StandardCharsets.US_ASCII);
        Set<PosixFilePermission> ownerOnly = PosixFilePermissions.fromString("rw-------");
        Set<StandardOpenOption> create = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(path, create, PosixFilePermissions.asFileAttribute(ownerOnly))) {
            channel.write(ByteBuffer.wrap(line));
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
    }

    /** Without it a loss of power may take the name of the only key to a repository that is durable itself. */
    private static void syncFolder(Path path) throws IOException {
        Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** @throws RepositoryException KEY_FILE_MISSING, KEY_FILE_UNREADABLE */
    static String text(Path path) {
        try (InputStream stream = Files.newInputStream(path)) {
            String text = new String(stream.readNBytes(MAX_LENGTH), StandardCharsets.UTF_8);
            warnIfOthersMayRead(path);
            return text;
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
    }

    /** For key files: some editors begin a file with a byte order mark, which nobody sees. Of a passphrase it is a part. */
    static String withoutMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** @return empty if form, tag or checksum are wrong */
    static Optional<Secret> parse(String text, String tag) {
        Matcher matcher = FORM.matcher(text);
        boolean fits = matcher.matches()
                && matcher.group(2).equals(tag)
                && checksum(matcher.group(1)).equals(matcher.group(4));
        return fits ? Optional.of(new Secret(HexFormat.of().parseHex(matcher.group(3)))) : Optional.empty();
    }

    static RepositoryException damaged(Path path, String tag) {
        return new RepositoryException(
                "KEY_FILE_DAMAGED",
                "The key file " + path + " is damaged, or is no key file: its line must be " + tag + ", 64 and 16"
                        + " lower-case hexadecimal digits, and the last are a checksum that must fit.",
                "Bring it again from where you keep its copy, or compare the line with the copy on paper.");
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
