package dev.muster.postgres.rejoin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * What is known of a rejoin whose data directory cannot tell any more.
 *
 * @param ancestry as it was approved
 * @param salvage id, or empty text
 * @param method name, or empty text before it was chosen
 * @param backup of a delta restore, or empty text
 * @param rewindBegun a rewind was begun in the directory, so that nobody can tell what it holds
 */
record RejoinState(
        String token,
        RejoinPhase phase,
        Ancestry ancestry,
        String salvage,
        String method,
        String backup,
        boolean rewindBegun) {
    private static final String FILE = "rejoin.json";

    static RejoinState examined(String token, Ancestry ancestry) {
        return new RejoinState(token, RejoinPhase.EXAMINED, ancestry, "", "", "", false);
    }

    RejoinState at(RejoinPhase next) {
        return new RejoinState(token, next, ancestry, salvage, method, backup, rewindBegun);
    }

    RejoinState salvagedAs(Optional<Salvaged> salvaged) {
        String id = salvaged.map(Salvaged::id).orElse("");
        return new RejoinState(token, RejoinPhase.SALVAGED, ancestry, id, method, backup, rewindBegun);
    }

    RejoinState changingBy(RejoinPlan.Option option) {
        return new RejoinState(
                token,
                RejoinPhase.CHANGING,
                ancestry,
                salvage,
                option.method().name(),
                option.backup().orElse(""),
                rewindBegun);
    }

    RejoinState withRewindBegun() {
        return new RejoinState(token, phase, ancestry, salvage, method, backup, true);
    }

    boolean isBy(RejoinMethod one) {
        return method.equals(one.name());
    }

    static Optional<RejoinState> read(Path work) {
        Path file = work.resolve(FILE);
        try {
            return Files.exists(file)
                    ? Optional.of(SalvageDocument.read(Files.readAllBytes(file), RejoinState.class, file.toString()))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    /** Whole or not at all, also after a loss of power. */
    RejoinState write(Path work) {
        try {
            Files.createDirectories(work);
            put(work.resolve(FILE), SalvageDocument.write(this));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the state of the rejoin in " + work, e);
        }
    }

    static void put(Path file, byte[] content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.write(fresh, content);
        sync(fresh);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(java.util.Objects.requireNonNull(file.toAbsolutePath().getParent()));
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
