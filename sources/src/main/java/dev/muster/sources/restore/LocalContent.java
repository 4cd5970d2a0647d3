package dev.muster.sources.restore;

import dev.muster.repository.Run;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/** Whether a local file has, at its place, what a run of a backup says, by hash. For one thread. */
public final class LocalContent {
    private final MessageDigest sha256 = Sha256.instance();
    private final byte[] buffer = new byte[Frame.MAX_RAW];

    /** A local file, if there is one that can be read. */
    record Source(Optional<FileChannel> channel) implements AutoCloseable {
        static Source open(Optional<Path> path) {
            if (path.isEmpty()) {
                return new Source(Optional.empty());
            }
            try {
                return new Source(
                        Optional.of(FileChannel.open(path.get(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)));
            } catch (IOException e) {
                // It would only have spared a request.
                return new Source(Optional.empty());
            }
        }

        @Override
        public void close() throws IOException {
            if (channel.isPresent()) {
                channel.get().close();
            }
        }
    }

    /** False also for a run of a part of a frame, whose own hash is not known. */
    public boolean has(FileChannel channel, Run run) throws IOException {
        if (run instanceof Run.Stored stored) {
            Frame frame = stored.ref().frame();
            if (run.length() != frame.rawLength() || !read(channel, run.offset(), run.length())) {
                return false;
            }
            sha256.update(buffer, 0, run.length());
            return ContentHash.of(sha256.digest()).equals(frame.hash());
        }
        long end = run.end();
        for (long at = run.offset(); at < end; at += buffer.length) {
            int length = (int) Math.min(buffer.length, end - at);
            if (!read(channel, at, length) || !isZero(length)) {
                return false;
            }
        }
        return true;
    }

    private boolean isZero(int length) {
        // Compared with itself, one byte on: all are equal to the first.
        return buffer[0] == 0 && Arrays.equals(buffer, 0, length - 1, buffer, 1, length);
    }

    /** What was read last. */
    ByteBuffer bytes(int length) {
        return ByteBuffer.wrap(buffer, 0, length);
    }

    private boolean read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(buffer, 0, length);
        while (target.hasRemaining()) {
            if (channel.read(target, position + target.position()) < 0) {
                return false;
            }
        }
        return true;
    }
}
