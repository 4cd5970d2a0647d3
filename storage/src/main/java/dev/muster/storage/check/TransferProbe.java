package dev.muster.storage.check;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreUrl;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/** Large objects: created once also in parts, read by range, and how fast both go. */
final class TransferProbe {
    private static final int CHUNK = 1 << 20;
    private static final long LEAST = 34L << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ObjectStore store;
    private final String key;
    private final Findings findings;
    private final long size;
    private final byte[] chunk = new byte[CHUNK];

    TransferProbe(ObjectStore store, String prefix, Findings findings) {
        this.store = store;
        this.key = prefix + "large";
        this.findings = findings;
        // More than one part, whatever the store's part is.
        this.size =
                Math.max(LEAST, StoreUrl.parse(store.url()).bytes("part-size").orElse(0L) + 2 * CHUNK);
        new Random(2).nextBytes(chunk);
    }

    void look() throws IOException {
        long start = System.nanoTime();
        try (ObjectWriter first = store.create(key);
                ObjectWriter second = store.create(key)) {
            if (!fill(first, start)) {
                findings.warn(
                        "parts", "An upload did not end within two minutes and was given up; nothing more was tried.");
                return;
            }
            first.commit();
            findings.ok("upload", "An upload went at " + rate(start) + ".");
            try {
                if (fill(second, System.nanoTime())) {
                    second.commit();
                    findings.bad(
                            "parts",
                            "A second upload in parts replaced the first: the store ignores If-None-Match when parts are"
                                    + " put together. Update the server, or use it with one writer only.");
                } else {
                    findings.warn(
                            "parts",
                            "A second upload did not end within two minutes: whether it is refused is not known.");
                }
            } catch (ObjectExistsException e) {
                findings.ok("parts", "An object that is uploaded in parts is created once, too.");
            }
        }
        ranges();
        download();
    }

    private boolean fill(ObjectWriter writer, long start) {
        for (long done = 0; done < size; done += CHUNK) {
            writer.write(chunk, 0, (int) Math.min(CHUNK, size - done));
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                return false;
            }
        }
        return true;
    }

    private String rate(long start) {
        double seconds = Math.max(1, System.nanoTime() - start) / 1e9;
        return String.format(
                Locale.ROOT, "%.1f MB/s (%d MB in %.1f s)", size / 1e6 / seconds, size / 1_000_000, seconds);
    }

    private void ranges() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 5; i++) {
            int offset = random.nextInt(CHUNK / 2);
            int length = 1 + random.nextInt(CHUNK / 2 - 1);
            long from = (long) random.nextInt((int) (size / CHUNK)) * CHUNK + offset;
            try (InputStream part = store.open(key, from, length)) {
                if (!Arrays.equals(part.readAllBytes(), Arrays.copyOfRange(chunk, offset, offset + length))) {
                    findings.bad("ranges", "A read of " + length + " bytes from " + from + " brought other bytes.");
                    return;
                }
            }
        }
        try (InputStream beyond = store.open(key, size - 1, 2)) {
            findings.bad(
                    "ranges",
                    "A read beyond an object's end brought " + beyond.readAllBytes().length + " bytes, and no error.");
        } catch (StoreException e) {
            if (!e.code().equals("OBJECT_TOO_SHORT")) {
                throw e;
            }
            findings.ok("ranges", "Parts of an object can be read, and not more than there is.");
        }
    }

    private void download() throws IOException {
        long start = System.nanoTime();
        long done = 0;
        byte[] buffer = new byte[CHUNK];
        try (InputStream content = store.open(key)) {
            for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
                done += read;
                if (System.nanoTime() - start > PATIENCE.toNanos()) {
                    findings.warn(
                            "download", "Reading " + size + " bytes took more than two minutes and was given up.");
                    return;
                }
            }
        }
        if (done == size) {
            findings.ok("download", "A download went at " + rate(start) + ".");
        } else {
            findings.bad("download", "An object of " + size + " bytes came back with " + done + ".");
        }
    }
}
