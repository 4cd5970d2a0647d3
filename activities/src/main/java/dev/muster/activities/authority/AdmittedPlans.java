package dev.muster.activities.authority;

import dev.muster.workflows.planning.PlanDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The plans that this host admitted, on its disk by hash. A step reads what to do from here, never from its arguments.
 */
public final class AdmittedPlans {
    /** A plan's largest size in bytes; a larger one is refused before it is hashed. */
    static final int LARGEST = 256 * 1024;

    private final Path folder;

    public AdmittedPlans(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create " + folder, e);
        }
    }

    /** Keeps the plan durably. The caller has verified it. */
    void keep(PlanDocument plan) {
        Path target = file(plan.hash());
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(plan.json().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot keep the plan " + plan.hash() + " in " + folder, e);
        }
    }

    /** The admitted plan's stored bytes as text, verified against the hash again. */
    Optional<String> find(String hash) {
        try {
            String json = Files.readString(file(hash), StandardCharsets.UTF_8);
            if (!hash(json).equals(hash)) {
                throw new AuthorityRefusedException(
                        "PLAN_ALTERED",
                        "The plan " + hash + " in " + folder + " is not what was admitted.",
                        "Somebody or something changed the host's state folder. Find out who; then start a new run.");
            }
            return Optional.of(json);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the plan " + hash + " in " + folder, e);
        }
    }

    /** SHA-256 of the text's UTF-8 bytes, hexadecimal. */
    static String hash(String json) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(json.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }

    private Path file(String hash) {
        if (!hash.matches("[0-9a-f]{64}")) {
            throw new AuthorityRefusedException(
                    "PLAN_ALTERED", "Not a plan's hash: " + hash, "The step was not made by one of our workflows.");
        }
        return folder.resolve(hash + ".json");
    }
}
