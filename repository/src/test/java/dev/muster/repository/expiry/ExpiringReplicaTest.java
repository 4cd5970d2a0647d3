package dev.muster.repository.expiry;

import static dev.muster.repository.expiry.ExpiringSource.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.Repository;
import dev.muster.repository.expiry.ExpiryProgress.Step;
import dev.muster.repository.replication.Replication;
import dev.muster.repository.replication.ReplicationOptions;
import dev.muster.repository.replication.ReplicationProgress;
import dev.muster.repository.replication.ReplicationReport;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.storage.testing.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An expiry of a replica while an increment is copied there, which needs what goes. */
class ExpiringReplicaTest {
    private static final ReplicationOptions OPTIONS = new ReplicationOptions("replicator").withThreads(1);

    @TempDir
    private Path directory;

    private final MemoryStore replica = new MemoryStore("replica");

    private ReplicationReport replicate(Repository origin) {
        return Replication.of(origin, replica, OPTIONS, Clock.systemUTC()).run(ReplicationProgress.NONE);
    }

    /** The replicator comes at one of the expiry's steps, or when it has deleted so many objects. */
    private ExpiryResult expire(Repository there, Step step, int deleted, Runnable replicator) {
        RetentionPolicy policy = new RetentionPolicy(RetentionRules.last(1), ZoneOffset.UTC);
        Expiry expiry = new Expiry(there, SOURCE, policy, ExpirySettings.defaults());
        return expiry.apply(expiry.plan(), new ExpiryProgress() {
            private int left = deleted;

            @Override
            public void step(Step now) {
                if (deleted < 0 && now == step) {
                    replicator.run();
                }
            }

            @Override
            public void deleted(String key) {
                if (left-- == 0) {
                    replicator.run();
                }
            }
        });
    }

    @Test
    @DisplayName(
            "Repository and stores 2: an increment that is copied into a replica while its parent's packs expire there counts"
                    + " only with all that it needs")
    void copiedMeanwhile() throws IOException {
        copiedMeanwhile(Step.READING_WHAT_IS_NEEDED, -1);
        for (int deleted = 1; deleted < 4; deleted++) {
            copiedMeanwhile(Step.DELETING, deleted);
        }
    }

    private void copiedMeanwhile(Step step, int deleted) throws IOException {
        Set<String> before = new TreeSet<>(replica.keys());
        before.forEach(replica::delete);
        Path folder = Files.createTempDirectory(directory, "round");
        ExpiringSource test = ExpiringSource.create(folder);
        try (Repository origin = test.open()) {
            String parent = test.full(origin, 8, 1);
            test.full(origin, 8, 2);
            assertThat(replicate(origin).sound()).isTrue();
            test.increment(origin, parent, 2, 3);
            try (Repository there = test.open(replica)) {
                expire(there, step, deleted, () -> replicate(origin));
                for (String id : ExpiringSource.ids(there)) {
                    assertThat(there.verify(SOURCE, id, 1).problems())
                            .as("%s, %d deleted", step, deleted)
                            .isEmpty();
                }
                assertThat(replicate(origin).problems()).isEmpty();
                assertThat(ExpiringSource.ids(there))
                        .containsAll(test.contents.keySet().stream()
                                .filter(id -> !id.equals(parent))
                                .toList());
                for (String id : ExpiringSource.ids(there)) {
                    there.verify(SOURCE, id, 1).requireSound();
                }
            }
        }
    }
}
