package dev.muster.activities.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochsOnDiskTest {
    private static final int WORKERS = 4;
    private static final int RUNS = 10;

    @TempDir
    Path folder;

    @Test
    void epochsRiseByRunAndTheSameRunGetsTheSameOne() {
        EpochsOnDisk epochs = new EpochsOnDisk(folder);
        assertThat(epochs.claim("orders", "first")).isEqualTo(1);
        assertThat(epochs.claim("orders", "second")).isEqualTo(2);
        assertThat(new EpochsOnDisk(folder).claim("orders", "first")).isEqualTo(1);
        assertThat(epochs.claim("billing", "first")).isEqualTo(1);
        assertThat(epochs.claim("orders", "third")).isEqualTo(3);
    }

    @Test
    void twoControlWorkersNeverHandOutTheSameEpoch() throws Exception {
        CyclicBarrier together = new CyclicBarrier(WORKERS);
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        try {
            List<Future<List<Long>>> claimed = new ArrayList<>();
            for (int worker = 0; worker < WORKERS; worker++) {
                int number = worker;
                claimed.add(workers.submit(() -> {
                    EpochsOnDisk epochs = new EpochsOnDisk(folder);
                    List<Long> mine = new ArrayList<>();
                    for (int run = 0; run < RUNS; run++) {
                        together.await();
                        mine.add(epochs.claim("orders", number + "-" + run));
                    }
                    return mine;
                }));
            }
            List<Long> all = new ArrayList<>();
            for (Future<List<Long>> each : claimed) {
                all.addAll(each.get());
            }
            assertThat(all)
                    .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, (long) WORKERS * RUNS)
                            .boxed()
                            .toList());
        } finally {
            workers.shutdownNow();
        }
    }

    @Test
    void aSystemsNameThatIsAPathIsRefused() {
        assertThatThrownBy(() -> new EpochsOnDisk(folder).claim("../orders", "run"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
