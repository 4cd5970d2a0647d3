package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.retention.WalOrder;
import dev.muster.repository.BackupKind;
import dev.muster.repository.expiry.DeadPack;
import dev.muster.repository.expiry.DeadPacks;
import dev.muster.repository.expiry.Expiry;
import dev.muster.repository.expiry.ExpiryProgress;
import dev.muster.repository.expiry.ExpirySettings;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyForwardTest {
    /** So large that each of the table's packs has a whole period of what changes, and several of them. */
    private static final BackupOptions SMALL_PACKS = BackupOptions.DEFAULT.withPackSize(3 << 20);

    @TempDir
    private Path folder;

    private static void expireAllButTheLast(BackupChain chain) {
        Expiry expiry = new Expiry(
                chain.source().repository(),
                BackedUpCluster.SOURCE,
                new RetentionPolicy(RetentionRules.last(1), ZoneOffset.UTC),
                ExpirySettings.defaults().withOrder(new WalOrder()));
        expiry.apply(expiry.plan(), ExpiryProgress.NONE);
    }

    private static Set<String> packsOf(BackupChain chain, String backup) {
        Set<String> packs = new TreeSet<>();
        String prefix = "src/" + BackedUpCluster.SOURCE + "/b/" + backup + "/";
        chain.source()
                .repository()
                .store()
                .list(prefix + "p-", one -> packs.add(one.key().substring(prefix.length())));
        return packs;
    }

    @Test
    @DisplayName(
            "An increment stores again what little is needed of expired backups' packs: the packs go, and it restores"
                    + " the same")
    void packsGo() throws Exception {
        try (BackupChain chain = new BackupChain(folder, "summarize_wal = on", "max_wal_size = '64MB'")) {
            chain.execute(
                    "create table accounts (n int primary key, balance int, filler text) with (autovacuum_enabled = off)",
                    "insert into accounts select g, 0, (select string_agg(md5(g::text || i), '') from"
                            + " generate_series(1, 10) i) from generate_series(1, 60000) g",
                    "vacuum freeze accounts");
            BackupResult full = chain.backup(SMALL_PACKS.with(Wanted.FULL));
            // Seven eighths of its pages: from nine tenths on, the file would be stored whole.
            chain.execute("delete from accounts where n % 8000 >= 1000");
            BackupResult second = chain.backup(SMALL_PACKS.with(Wanted.of(BackupKind.INCREMENTAL)));
            assertThat(second.summary().making().bytesCopiedForward()).isZero();
            expireAllButTheLast(chain);
            Set<String> dead = new TreeSet<>();
            for (DeadPack pack : DeadPacks.of(chain.source().repository(), BackedUpCluster.SOURCE)
                    .forBackupOf(second.summary().rawBytes())
                    .packs()) {
                dead.add(String.format(Locale.ROOT, "p-%08x.pack", pack.number()));
            }
            assertThat(packsOf(chain, full.backupId())).containsAll(dead);
            assertThat(dead).isNotEmpty();

            BackupResult third = chain.keep(chain.backup(SMALL_PACKS.with(Wanted.of(BackupKind.INCREMENTAL))));
            Making making = third.summary().making();
            assertThat(making.parent()).contains(second.backupId());
            assertThat(making.reason()).isEmpty();
            assertThat(making.bytesCopiedForward())
                    .as("%s", making)
                    .isPositive()
                    .isLessThan(third.summary().rawBytes() / 10);
            assertThat(making.bytesRead()).isLessThan(third.summary().rawBytes() / 2);
            expireAllButTheLast(chain);
            assertThat(packsOf(chain, full.backupId())).isNotEmpty().doesNotContainAnyElementsOf(dead);
            chain.compareAll(true);
        }
    }
}
