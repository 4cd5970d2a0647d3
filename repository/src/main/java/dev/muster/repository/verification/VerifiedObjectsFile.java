package dev.muster.repository.verification;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.ObjectInfo;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file of a line for each object, in the order of keys, and a journal of what was looked at since: each pass merges the
 * journal into a new file. Lines are {@code <time> <size> <time stored> <key>}, in the journal also with {@code -} for the
 * time: what was not sound.
 */
public final class VerifiedObjectsFile implements VerifiedObjects {
    private static final String FORMAT = "muster-verified 1 ";

    private final Path file;
    private final Path journalFile;
    private final String header;
    private final FileChannel lock;
    private @Nullable BufferedWriter journal;

    private VerifiedObjectsFile(Path file, String header, FileChannel lock) {
        this.file = file;
        this.journalFile = beside(file, ".journal");
        this.header = header;
        this.lock = lock;
    }

    /**
     * @param file one for each store; created if it is not there, with {@code .journal} and {@code .lock} beside it
     * @throws RepositoryException VERIFY_STATE_OTHER if it is another store's, VERIFY_STATE_UNUSABLE
     */
    public static VerifiedObjectsFile open(Path file, Repository repository) {
        String header = header(repository);
        try {
            FileChannel lock =
                    FileChannel.open(beside(file, ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (lock.tryLock() == null) {
                    throw inUse(file);
                }
                VerifiedObjectsFile state = new VerifiedObjectsFile(file, header, lock);
                state.requireOurs();
                return state;
            } catch (OverlappingFileLockException e) {
                lock.close();
                throw inUse(file);
            } catch (RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private void requireOurs() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            String found = lines.readLine();
            if (!header.equals(found)) {
                throw new RepositoryException(
                        "VERIFY_STATE_OTHER",
                        "The file " + file + " does not say what was verified in this store: it begins with '"
                                + (found == null ? "" : found) + "', not with '" + header + "'.",
                        "Keep one file for each store. If the store has moved, delete the file: everything is then"
                                + " verified anew.");
            }
        }
    }

    @Override
    public Reading read() {
        try {
            closeJournal();
            return new Pass(readJournal(journalFile));
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    @Override
    public void verified(ObjectInfo object, Instant time) {
        write(Line.of(object, time.toString()));
    }

    @Override
    public void unsound(ObjectInfo object) {
        write(Line.of(object, Line.UNSOUND));
    }

    private synchronized void write(String line) {
        try {
            BufferedWriter writer = journal;
            if (writer == null) {
                endTornLine();
                writer = Files.newBufferedWriter(
                        journalFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
                journal = writer;
            }
            writer.write(line + "\n");
            writer.flush();
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    /** A line that a power cut tore would make the next one unreadable too. */
    private void endTornLine() throws IOException {
        if (Files.exists(journalFile) && Files.size(journalFile) > 0) {
            Files.writeString(journalFile, "\n", StandardOpenOption.APPEND);
        }
    }

    @Override
    public void close() {
        try (lock) {
            closeJournal();
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private synchronized void closeJournal() throws IOException {
        BufferedWriter open = journal;
        journal = null;
        if (open != null) {
            open.close();
        }
    }

    /**
     * What the file says now, while another process or thread may be writing it: no lock is taken.
     *
     * @param prefix of the keys that are wanted
     * @return by key; nothing where there is no file, or it is another store's
     */
    public static Map<String, Verified> snapshot(Path file, Repository repository, String prefix) {
        Map<String, Verified> found = new HashMap<>();
        try {
            // The journal first: what leaves it has come to the file before.
            SortedMap<String, Line> journal = readJournal(beside(file, ".journal"));
            try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
                if (!header(repository).equals(lines.readLine())) {
                    return Map.of();
                }
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    Line.parse(line).ifPresent(read -> read.into(found, prefix));
                }
            }
            journal.values().forEach(line -> line.into(found, prefix));
            return found;
        } catch (NoSuchFileException nothingYet) {
            return Map.of();
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    /** An object as it was stored when it was found sound. */
    public record Verified(ObjectInfo object, Instant time) {}

    private static String header(Repository repository) {
        return FORMAT + repository.id() + " " + repository.store().url();
    }

    private static SortedMap<String, Line> readJournal(Path journalFile) throws IOException {
        SortedMap<String, Line> found = new TreeMap<>();
        if (Files.exists(journalFile)) {
            try (BufferedReader lines = Files.newBufferedReader(journalFile, StandardCharsets.ISO_8859_1)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    Line.parse(line).ifPresent(read -> found.put(read.key(), read));
                }
            }
        }
        return found;
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private static RepositoryException inUse(Path file) {
        return new RepositoryException(
                "VERIFY_STATE_IN_USE",
                "Another process verifies with the file " + file + ".",
                "Wait for it, or give this one a file of its own.");
    }

    private static RepositoryException unusable(Path file, IOException e) {
        return new RepositoryException(
                "VERIFY_STATE_UNUSABLE",
                "What was verified when cannot be kept in " + file + ": " + e.getMessage(),
                "Check the folder, its permissions and space. The file may be deleted: everything is then verified anew.",
                e);
    }

    /** @param time empty for what was not sound */
    private record Line(Optional<Instant> time, ObjectInfo object) {
        private static final int PARTS = 4;
        private static final String UNSOUND = "-";

        /** Empty for what was torn, or is of an older form; the object is then looked at again. */
        static Optional<Line> parse(String line) {
            String[] parts = line.split(" ", PARTS);
            if (parts.length < PARTS) {
                return Optional.empty();
            }
            try {
                ObjectInfo object = new ObjectInfo(parts[3], Long.parseLong(parts[1]), Instant.parse(parts[2]));
                return Optional.of(new Line(
                        parts[0].equals(UNSOUND) ? Optional.empty() : Optional.of(Instant.parse(parts[0])), object));
            } catch (DateTimeException | NumberFormatException e) {
                return Optional.empty();
            }
        }

        static String of(ObjectInfo object, String time) {
            return time + " " + object.size() + " " + object.modified() + " " + object.key();
        }

        String key() {
            return object.key();
        }

        void into(Map<String, Verified> found, String prefix) {
            if (key().startsWith(prefix)) {
                time.ifPresentOrElse(sound -> found.put(key(), new Verified(object, sound)), () -> found.remove(key()));
            }
        }
    }

    /** Reads the old file and writes the new one beside it. */
    private final class Pass implements Reading {
        private final Iterator<Line> journalled;
        private @Nullable Line nextJournalled;
        private final @Nullable BufferedReader old;
        private Optional<Line> nextOld = Optional.empty();
        private final Path newFile = beside(file, ".new");
        private final FileOutputStream newBytes;
        private final BufferedWriter newLines;

        Pass(SortedMap<String, Line> journal) throws IOException {
            journalled = journal.values().iterator();
            nextJournalled = journalled.hasNext() ? journalled.next() : null;
            old = Files.exists(file) ? Files.newBufferedReader(file, StandardCharsets.ISO_8859_1) : null;
            newBytes = new FileOutputStream(newFile.toFile());
            newLines = new BufferedWriter(new OutputStreamWriter(newBytes, StandardCharsets.US_ASCII));
            newLines.write(header + "\n");
            if (old != null) {
                old.readLine();
                advanceOld();
            }
        }

        @Override
        public Optional<Instant> verifiedAt(ObjectInfo object) {
            try {
                Optional<Line> known = old(object.key());
                Line line = nextJournalled;
                while (line != null && line.key().compareTo(object.key()) <= 0) {
                    known = line.key().equals(object.key()) ? Optional.of(line) : known;
                    line = journalled.hasNext() ? journalled.next() : null;
                    nextJournalled = line;
                }
                Optional<Instant> time =
                        known.filter(found -> found.object().equals(object)).flatMap(Line::time);
                if (time.isPresent()) {
                    newLines.write(Line.of(object, time.get().toString()) + "\n");
                }
                return time;
            } catch (IOException e) {
                throw unusable(file, e);
            }
        }

        private Optional<Line> old(String key) throws IOException {
            while (nextOld.isPresent() && nextOld.get().key().compareTo(key) < 0) {
                advanceOld();
            }
            return nextOld.filter(line -> line.key().equals(key));
        }

        private void advanceOld() throws IOException {
            nextOld = Optional.empty();
            BufferedReader lines = old;
            if (lines != null) {
                String line = lines.readLine();
                while (line != null && nextOld.isEmpty()) {
                    nextOld = Line.parse(line);
                    line = nextOld.isEmpty() ? lines.readLine() : null;
                }
            }
        }

        @Override
        public void end() {
            try {
                newLines.flush();
                newBytes.getFD().sync();
                newLines.close();
                Files.move(newFile, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                // Only now: what it holds is in the new file. Merged twice it would say the same.
                Files.deleteIfExists(journalFile);
            } catch (IOException e) {
                throw unusable(file, e);
            }
        }

        @Override
        public void close() {
            try (newLines;
                    BufferedReader reading = old) {
                Files.deleteIfExists(newFile);
            } catch (IOException e) {
                throw unusable(file, e);
            }
        }
    }
}
