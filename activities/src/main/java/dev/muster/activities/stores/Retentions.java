package dev.muster.activities.stores;

import dev.muster.postgres.retention.WalOrder;
import dev.muster.postgres.retention.WalPolicy;
import dev.muster.repository.BackupKind;
import dev.muster.repository.expiry.ExpirySettings;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.runbooks.Retention;
import java.time.Duration;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.Map;

/** A runbook's policy in the words of the repository and of WAL. */
public final class Retentions {
    private Retentions() {}

    /** @throws dev.muster.repository.RepositoryException RETENTION_INVALID */
    public static RetentionPolicy policy(Retention wanted) {
        Map<BackupKind, RetentionRules> kinds = new EnumMap<>(BackupKind.class);
        wanted.kinds().forEach((kind, own) -> kinds.put(BackupKind.of(kind), rules(own)));
        return new RetentionPolicy(
                wanted.newest(),
                Duration.ofSeconds(wanted.windowSeconds()),
                ZoneId.of(wanted.timeZone()),
                rules(wanted.rules()),
                kinds);
    }

    /**
     * The same window for WAL: backups that it needs stay as long as it does.
     *
     * @param least no shorter one, whatever the policy says
     */
    public static WalPolicy wal(Retention wanted, Duration least) {
        Duration window = Duration.ofSeconds(wanted.windowSeconds());
        return WalPolicy.window(window.compareTo(least) < 0 ? least : window);
    }

    /** @param atMost a plan that would take more committed backups is refused */
    public static ExpirySettings settings(int atMost) {
        return ExpirySettings.defaults().withOrder(new WalOrder()).withMaxBackups(atMost);
    }

    private static RetentionRules rules(Retention.Rules rules) {
        return new RetentionRules(
                rules.last(),
                Duration.ofSeconds(rules.withinSeconds()),
                rules.hourly(),
                rules.daily(),
                rules.weekly(),
                rules.monthly(),
                rules.yearly());
    }
}
