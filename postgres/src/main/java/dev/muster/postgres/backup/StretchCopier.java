package dev.muster.postgres.backup;

import dev.muster.postgres.PostgresException;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.FrameRef;
import dev.muster.repository.MapRef;
import dev.muster.repository.PackWriter;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.Run;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.Sha256;
import dev.muster.storage.ObjectMissingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Copies stretches of files into a backup. For one thread. */
final class StretchCopier {
    /** A known run is recognised where it lies in one chunk. */
    private static final int CHUNK = 1 << 20;

    /** Where nothing is compared: what is checked, hashed and compressed one after the other stays in the cache. */
    private static final int CHUNK_OF_NEWS = Frame.MAX_RAW;

    private static final byte[] ZEROS = new byte[Frame.MAX_RAW];

    /**
     * What of a stretch is in the backup now.
     *
     * @param length shorter than the stretch if the file ended before
     */
    record Copied(List<MapRef> maps, long length) {}

    /** What all threads share. */
    record Shared(
            Path root,
            BackupWriter backup,
            Optional<Ancestor> ancestor,
            Optional<PageVerifier> verifier,
            Optional<KnownFrames> known,
            ReadMeter meter,
            BooleanSupplier stopped) {}

    private final Shared shared;
    private final PackWriter pack;
    private final byte[] buffer = new byte[CHUNK];
    private final MessageDigest sha256 = Sha256.instance();

    StretchCopier(Shared shared, PackWriter pack) {
        this.shared = shared;
        this.pack = pack;
    }

    /** Empty if the file is gone, or the backup was stopped. */
    Optional<Copied> copy(DataDirectory.DataFile file, FilePlan plan, long from, long to) {
        if (plan instanceof FilePlan.Changed changed && changed.blocks().nextRead(from, to) == to) {
            List<MapRef> maps = Ancestor.maps(changed.ancestor(), from, to);
            if (!maps.isEmpty() && stays(changed.ancestor(), from, to)) {
                shared.meter().reused(to - from);
                return Optional.of(new Copied(maps, to - from));
            }
        }
        Path path = shared.root().resolve(file.path());
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return copy(new Stretch(file, channel, from, to), plan);
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        } catch (IOException e) {
            throw new PostgresException(
                    "FILE_UNREADABLE",
                    "Cannot read " + path + " from byte " + from + " on: " + e.getMessage(),
                    "Look for disk errors in the kernel's log, and whether this worker may read the file.",
                    e);
        }
    }

    private record Stretch(DataDirectory.DataFile file, FileChannel channel, long from, long to) {}

    private Optional<Copied> copy(Stretch stretch, FilePlan plan) throws IOException {
        List<Run> runs = new ArrayList<>();
        boolean complete;
        if (plan instanceof FilePlan.Changed changed) {
            complete = changed(stretch, changed, runs);
        } else if (plan instanceof FilePlan.Unchanged unchanged) {
            complete = unchanged(stretch, unchanged.ancestor(), runs);
        } else if (plan instanceof FilePlan.Compared compared) {
            complete = compared(stretch, compared.ancestor(), runs);
        } else {
            complete = range(stretch, stretch.from(), stretch.to(), List.of(), runs);
        }
        if (!complete && shared.stopped().getAsBoolean()) {
            return Optional.empty();
        }
        if (runs.isEmpty()) {
            return Optional.of(new Copied(List.of(), 0));
        }
        long end = runs.get(runs.size() - 1).end();
        return Optional.of(new Copied(List.of(shared.backup().stretch(runs)), end - stretch.from()));
    }

    private boolean stays(Entry ancestor, long from, long to) {
        try {
            return shared.ancestor().orElseThrow().stays(ancestor, from, to);
        } catch (RepositoryException | ObjectMissingException e) {
            shared.meter().parentDamaged(e);
            return false;
        }
    }

    /** Something of it lies in packs that are to be left. */
    private boolean unchanged(Stretch stretch, Entry ancestor, List<Run> runs) throws IOException {
        Optional<List<Run>> known = ancestorRuns(stretch, ancestor);
        if (known.isEmpty()) {
            return range(stretch, stretch.from(), stretch.to(), List.of(), runs);
        }
        return known(stretch, known.get(), runs);
    }

    /**
     * Takes over what is known. What lies in packs that are to be left is stored again as the repository has it, which is
     * checked, and not as the file may be by now.
     */
    private boolean known(Stretch stretch, List<Run> known, List<Run> runs) throws IOException {
        Ancestor ancestor = shared.ancestor().orElseThrow();
        for (int i = 0; i < known.size(); ) {
            int next = i;
            while (next < known.size() && ancestor.isLeft(known.get(next)) == ancestor.isLeft(known.get(i))) {
                next++;
            }
            List<Run> alike = known.subList(i, next);
            long length = alike.get(alike.size() - 1).end() - alike.get(0).offset();
            if (!ancestor.isLeft(alike.get(0))) {
                runs.addAll(alike);
                shared.meter().reused(length);
            } else if (!again(stretch, ancestor, alike, runs)) {
                return false;
            }
            i = next;
        }
        return true;
    }

    private boolean again(Stretch stretch, Ancestor ancestor, List<Run> left, List<Run> runs) throws IOException {
        long from = left.get(0).offset();
        long end = left.get(left.size() - 1).end();
        if (shared.stopped().getAsBoolean()) {
            return false;
        }
        shared.meter().check();
        try {
            runs.addAll(ancestor.copyForward().runs(left, pack));
            shared.meter().copiedForward(end - from);
            return true;
        } catch (RepositoryException | ObjectMissingException e) {
            shared.meter().parentDamaged(e);
            return range(stretch, from, end, List.of(), runs);
        }
    }

    /** @return false if the file ended, or the backup was stopped, before the stretch did */
    private boolean changed(Stretch stretch, FilePlan.Changed plan, List<Run> runs) throws IOException {
        Optional<List<Run>> known = ancestorRuns(stretch, plan.ancestor());
        if (known.isEmpty()) {
            return range(stretch, stretch.from(), stretch.to(), List.of(), runs);
        }
        StretchPlan pieces = StretchPlan.of(plan.blocks(), known.get(), stretch.from(), stretch.to());
        if (pieces.isTooFragmented()) {
            shared.meter().compacted(stretch.to() - stretch.from());
            return range(stretch, stretch.from(), stretch.to(), List.of(), runs);
        }
        List<Run> together = new ArrayList<>();
        for (StretchPlan.Piece piece : pieces.pieces()) {
            if (piece instanceof StretchPlan.Piece.Known one) {
                together.add(one.run());
            } else if (piece instanceof StretchPlan.Piece.Read read) {
                if (!known(stretch, together, runs) || !range(stretch, read.from(), read.to(), List.of(), runs)) {
                    return false;
                }
                together.clear();
            }
        }
        return known(stretch, together, runs);
    }

    private boolean compared(Stretch stretch, Entry ancestor, List<Run> runs) throws IOException {
        List<Run> known = ancestorRuns(stretch, ancestor).orElse(List.of());
        return range(stretch, stretch.from(), stretch.to(), known, runs);
    }

    /** Empty if the ancestor is damaged here: the file itself has everything, and the next backup is sound again. */
    private Optional<List<Run>> ancestorRuns(Stretch stretch, Entry ancestor) {
        try {
            return Optional.of(shared.ancestor().orElseThrow().runs(ancestor, stretch.from(), stretch.to()));
        } catch (RepositoryException | ObjectMissingException e) {
            shared.meter().parentDamaged(e);
            return Optional.empty();
        }
    }

    /**
     * Reads a range and stores it, but for what is equal to known runs.
     *
     * @param known runs in order
     * @return false if the file ended, or the backup was stopped, before the range did
     */
    private boolean range(Stretch stretch, long from, long to, List<Run> known, List<Run> runs) throws IOException {
        int next = 0;
        for (long at = from; at < to; ) {
            if (shared.stopped().getAsBoolean()) {
                return false;
            }
            int wanted = (int) Math.min(known.isEmpty() ? CHUNK_OF_NEWS : CHUNK, to - at);
            shared.meter().await(wanted);
            int read = read(stretch.channel(), at, wanted);
            if (read == 0) {
                return false;
            }
            verify(stretch, at, read);
            next = store(at, read, known, next, runs);
            at += read;
            shared.meter().read(read);
            if (read < wanted) {
                return false;
            }
        }
        return true;
    }

    private int read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(buffer, 0, length);
        while (target.hasRemaining() && channel.read(target, position + target.position()) > 0) {
            // until the chunk is full, or the file ends
        }
        return target.position();
    }

    private void verify(Stretch stretch, long at, int read) throws IOException {
        Optional<Long> first = stretch.file().blocks();
        if (shared.verifier().isPresent() && first.isPresent()) {
            shared.verifier().get().verify(stretch.file().path(), stretch.channel(), buffer, read, at, first.get());
        }
    }

    /**
     * Stores what is in the buffer, but for runs that lie in it and are equal to what is there.
     *
     * @return the first of the known runs that may lie in the next buffer
     */
    private int store(long position, int length, List<Run> known, int from, List<Run> runs) {
        long end = position + length;
        long stored = position;
        int next = from;
        for (; next < known.size() && known.get(next).offset() < end; next++) {
            Run run = known.get(next);
            boolean inside = run.offset() >= position && run.end() <= end;
            if (inside && isEqual(run, (int) (run.offset() - position)) && !isLeft(run)) {
                frames(stored, (int) (stored - position), (int) (run.offset() - stored), runs);
                runs.add(run);
                shared.meter().reused(run.length());
                stored = run.end();
            }
            if (run.end() > end) {
                break;
            }
        }
        frames(stored, (int) (stored - position), (int) (end - stored), runs);
        return next;
    }

    private boolean isLeft(Run run) {
        boolean left = shared.ancestor().orElseThrow().isLeft(run);
        shared.meter().copiedForward(left ? run.length() : 0);
        return left;
    }

    private boolean isEqual(Run run, int at) {
        if (run instanceof Run.Stored stored) {
            return stored.isWholeFrame()
                    && hash(at, stored.length()).equals(stored.ref().frame().hash());
        }
        return isZero(at, run.length());
    }

    private boolean isZero(int at, int length) {
        for (int done = 0; done < length; done += ZEROS.length) {
            int part = Math.min(ZEROS.length, length - done);
            if (!Arrays.equals(buffer, at + done, at + done + part, ZEROS, 0, part)) {
                return false;
            }
        }
        return true;
    }

    private ContentHash hash(int at, int length) {
        sha256.update(buffer, at, length);
        return ContentHash.of(sha256.digest());
    }

    private void frames(long position, int at, int length, List<Run> runs) {
        for (int done = 0; done < length; done += Frame.MAX_RAW) {
            int part = Math.min(Frame.MAX_RAW, length - done);
            runs.add(run(position + done, at + done, part));
        }
    }

    private Run run(long position, int at, int length) {
        if (shared.known().isPresent() && !isZero(at, length)) {
            Optional<FrameRef> stored = shared.known().get().find(hash(at, length), length);
            if (stored.isPresent()) {
                shared.meter().resumed(length);
                return Run.of(position, stored.get());
            }
        }
        return pack.run(position, buffer, at, length);
    }
}
