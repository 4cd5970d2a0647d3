package dev.muster.repository.retention;

import dev.muster.repository.BackupKind;
import java.time.Duration;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.Map;

/**
 * What is kept of one source.
 *
 * @param newest so many of the newest committed backups are kept whatever the rules say, 1 or more
 * @param window every point of this long until now can be recovered to, as far as WAL goes: the newest backup that is
 *     older is kept. Zero for none
 * @param zone in which days, weeks, months and years begin
 * @param rules for backups of kinds without rules of their own
 * @param byKind backups of these kinds are judged among their own kind, and not counted for the others
 */
public record RetentionPolicy(
        int newest, Duration window, ZoneId zone, RetentionRules rules, Map<BackupKind, RetentionRules> byKind) {

    /** @throws dev.muster.repository.RepositoryException RETENTION_INVALID if it could expire everything */
    public RetentionPolicy {
        if (newest < 1) {
            throw RetentionRules.invalid("the newest backup would not be kept");
        }
        if (window.isNegative()) {
            throw RetentionRules.invalid("a window of " + window + " cannot be");
        }
        byKind = Map.copyOf(byKind);
    }

    public RetentionPolicy(RetentionRules rules, ZoneId zone) {
        this(1, Duration.ZERO, zone, rules, Map.of());
    }

    public RetentionPolicy withWindow(Duration length) {
        return new RetentionPolicy(newest, length, zone, rules, byKind);
    }

    public RetentionPolicy withNewest(int count) {
        return new RetentionPolicy(count, window, zone, rules, byKind);
    }

    public RetentionPolicy withKind(BackupKind kind, RetentionRules own) {
        Map<BackupKind, RetentionRules> more = new EnumMap<>(BackupKind.class);
        more.putAll(byKind);
        more.put(kind, own);
        return new RetentionPolicy(newest, window, zone, rules, more);
    }
}
