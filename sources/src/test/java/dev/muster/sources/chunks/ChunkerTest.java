package dev.muster.sources.chunks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Sha256;
import dev.muster.sources.TestStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChunkerTest {
    private static List<byte[]> cut(byte[] bytes) {
        List<byte[]> chunks = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            int length = Chunker.cut(bytes, at, bytes.length - at);
            chunks.add(Arrays.copyOfRange(bytes, at, at + length));
            at += length;
        }
        return chunks;
    }

    private static List<ContentHash> hashes(List<byte[]> chunks) {
        return chunks.stream().map(Sha256::hash).toList();
    }

    @Test
    void lengthsKeepTheirBoundsAndAreNearWhatIsWanted() {
        List<byte[]> chunks = cut(TestStore.random(32 << 20, 1));
        assertThat(chunks.subList(0, chunks.size() - 1).stream().map(chunk -> chunk.length))
                .allSatisfy(length -> assertThat(length).isBetween(Chunker.LEAST, Chunker.MOST));
        double mean = (32 << 20) / (double) chunks.size();
        assertThat(mean).isBetween(50.0 * 1024, 90.0 * 1024);
    }

    @Test
    void whatStandsBehindAnInsertionIsCutAsBefore() {
        byte[] old = TestStore.random(8 << 20, 2);
        byte[] inserted = new byte[old.length + 77];
        System.arraycopy(TestStore.random(77, 3), 0, inserted, 0, 77);
        System.arraycopy(old, 0, inserted, 77, old.length);
        Set<ContentHash> before = new HashSet<>(hashes(cut(old)));
        List<ContentHash> now = hashes(cut(inserted));
        assertThat(now.stream().filter(hash -> !before.contains(hash)).count()).isLessThanOrEqualTo(3);
    }

    @Test
    void theCutsAreTheSameForEver() {
        // With others, the first increment after an upgrade would store everything again.
        assertThat(cut(TestStore.random(1 << 20, 4)).stream().map(chunk -> chunk.length))
                .startsWith(FIRST);
    }

    private static final Integer[] FIRST = {43_476};
}
