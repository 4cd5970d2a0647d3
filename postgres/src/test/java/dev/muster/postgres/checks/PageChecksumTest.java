package dev.muster.postgres.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.walscan.SourceCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageChecksumTest {
    private static final int BLOCK = 8192;

    @TempDir
    Path folder;

    @Test
    void everyPageOfARealClusterHasTheChecksumThatWeCompute() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run(
                    "create table t as select g as id, md5(g::text) as text from generate_series(1, 20000) g",
                    "create index on t (text)",
                    "checkpoint");
            cluster.server().stop(java.time.Duration.ofSeconds(30));
            int pages = 0;
            for (Path file : relationFiles(cluster.data())) {
                byte[] bytes = Files.readAllBytes(file);
                for (int block = 0; block < bytes.length / BLOCK; block++) {
                    assertThat(PageChecksum.isValid(bytes, block * BLOCK, BLOCK, block))
                            .as("%s block %d", file, block)
                            .isTrue();
                    pages++;
                }
            }
            assertThat(pages).isGreaterThan(1000);
        }
    }

    @Test
    void oneFlippedBitOrAnotherBlockNumberIsNoticed() {
        byte[] page = new byte[BLOCK];
        new java.util.Random(7).nextBytes(page);
        int checksum = PageChecksum.of(page, 0, BLOCK, 3);
        page[8] = (byte) checksum;
        page[9] = (byte) (checksum >>> 8);
        assertThat(PageChecksum.isValid(page, 0, BLOCK, 3)).isTrue();
        assertThat(PageChecksum.isValid(page, 0, BLOCK, 4)).isFalse();
        page[5000] ^= 0x10;
        assertThat(PageChecksum.isValid(page, 0, BLOCK, 3)).isFalse();
    }

    @Test
    void aZeroPageIsValidButAHeaderlessPageWithContentIsNot() {
        byte[] page = new byte[BLOCK];
        assertThat(PageChecksum.isValid(page, 0, BLOCK, 0)).isTrue();
        page[4000] = 1;
        assertThat(PageChecksum.isValid(page, 0, BLOCK, 0)).isFalse();
    }

    private static List<Path> relationFiles(Path data) throws Exception {
        try (var paths = Files.walk(data)) {
            return paths.filter(Files::isRegularFile)
                    .filter(path -> path.startsWith(data.resolve("base")) || path.startsWith(data.resolve("global")))
                    .filter(path -> path.getFileName().toString().matches("[0-9]+(_fsm|_vm|_init)?"))
                    .toList();
        }
    }
}
