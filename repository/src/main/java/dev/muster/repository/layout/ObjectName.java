package dev.muster.repository.layout;

import dev.muster.repository.encryption.ObjectType;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A key, taken apart as docs/format/README.md lays objects out. */
public sealed interface ObjectName {
    String REPOSITORY = "repo.json";

    /** Below it an origin notes where it has had replicas; one byte each, not encrypted. */
    String REPLICAS = "replica/";

    String key();

    /** What its envelope must say it is; empty for what is not encrypted or not known. */
    Optional<ObjectType> type();

    /**
     * A key slot.
     *
     * @param hash the first 8 bytes of its bytes' SHA-256, which its name ends with
     */
    record KeySlot(String key, String kid, String hash) implements ObjectName {
        @Override
        public Optional<ObjectType> type() {
            return Optional.empty();
        }
    }

    record Lease(String key, String writer, String backup) implements ObjectName {
        @Override
        public Optional<ObjectType> type() {
            return Optional.of(ObjectType.LEASE);
        }
    }

    /**
     * A pack, map object, manifest or COMMIT.
     *
     * @param kind which of these
     */
    record OfBackup(String key, String source, String backup, ObjectType kind) implements ObjectName {
        @Override
        public Optional<ObjectType> type() {
            return Optional.of(kind);
        }

        /** Whether it holds content or maps, as other backups may need it too. */
        public boolean shared() {
            return kind == ObjectType.PACK || kind == ObjectType.MAP;
        }
    }

    /**
     * A segment, a part of one, or a history.
     *
     * @param kind which of these
     * @param timeline 8 digits
     * @param segment 24 digits; empty for a history
     * @param from first byte of a part in its segment
     * @param to after the last byte of a part; 0 for what is whole
     * @param hash of the content, by the repository's key
     */
    record Wal(
            String key,
            String source,
            ObjectType kind,
            String system,
            String timeline,
            String segment,
            long from,
            long to,
            String hash)
            implements ObjectName {
        @Override
        public Optional<ObjectType> type() {
            return Optional.of(kind);
        }

        /** Equal for a segment and its parts, and for the histories of one timeline. */
        public String placeOf() {
            return system + "/" + timeline + "/" + segment;
        }

        /** What it holds; of two objects with equal stretches and different hashes one must be wrong. */
        public String stretch() {
            return placeOf() + "/" + kind.label() + "/" + from + "-" + to;
        }
    }

    /** {@link #REPOSITORY}, and what newer or other programs have put there, which is left alone. */
    record Other(String key) implements ObjectName {
        @Override
        public Optional<ObjectType> type() {
            return Optional.empty();
        }
    }

    static ObjectName of(String key) {
        if (key.startsWith("src/")) {
            return Forms.belowSource(key);
        }
        Matcher slot = Forms.SLOT.matcher(key);
        if (slot.matches()) {
            return new KeySlot(key, slot.group(1), slot.group(2));
        }
        Matcher lease = Forms.LEASE.matcher(key);
        return lease.matches() ? new Lease(key, lease.group(1), lease.group(2)) : new Other(key);
    }

    /** Where a source's backups are. */
    static String backups(String source) {
        return "src/" + source + "/b/";
    }

    /** Where a backup is. */
    static String backup(String source, String backup) {
        return backups(source) + backup + "/";
    }

    static String pack(String source, String backup, int number) {
        return backup(source, backup) + String.format(Locale.ROOT, "p-%08x.pack", number);
    }

    static String map(String source, String backup, int number) {
        return backup(source, backup) + String.format(Locale.ROOT, "map-%04x", number);
    }

    static String manifest(String source, String backup) {
        return backup(source, backup) + "manifest";
    }

    static String commit(String source, String backup) {
        return backup(source, backup) + "COMMIT";
    }

    /** Where a source's WAL is. */
    static String wal(String source) {
        return "src/" + source + "/wal/";
    }

    /** The patterns; PostgreSQL's own names are upper case, all else is lower. */
    final class Forms {
        private static final String ULID = "([0-7][0-9A-HJKMNP-TV-Z]{25})";
        private static final String HEX = "[0-9A-Fa-f]";
        private static final Pattern SLOT = Pattern.compile("keys/([0-9a-f]{32})/[^/]+-([0-9a-f]{16})");
        private static final Pattern LEASE = Pattern.compile("lease/([a-z0-9][a-z0-9.-]{0,62})/" + ULID);
        private static final Pattern BACKUP =
                Pattern.compile("src/([^/]+)/b/" + ULID + "/(p-[0-9a-f]{8}\\.pack|map-[0-9a-f]{4}|manifest|COMMIT)");
        private static final Pattern SEGMENT = Pattern.compile(
                "src/([^/]+)/wal/(\\d+)/(" + HEX + "{8})/(" + HEX + "{8})/(" + HEX + "{24})-([0-9a-f]{16})\\.seg");
        private static final Pattern PART = Pattern.compile("src/([^/]+)/wal/(\\d+)/(" + HEX + "{8})/(" + HEX + "{8})/("
                + HEX + "{24})/(" + HEX + "{8})-(" + HEX + "{8})-([0-9a-f]{16})\\.part");
        private static final Pattern HISTORY =
                Pattern.compile("src/([^/]+)/wal/(\\d+)/(" + HEX + "{8})-([0-9a-f]{16})\\.history");

        private Forms() {}

        private static ObjectName belowSource(String key) {
            Matcher backup = BACKUP.matcher(key);
            if (backup.matches()) {
                return new OfBackup(key, backup.group(1), backup.group(2), kind(backup.group(3)));
            }
            Matcher whole = SEGMENT.matcher(key);
            if (whole.matches() && placed(whole)) {
                return new Wal(
                        key,
                        whole.group(1),
                        ObjectType.WAL_SEGMENT,
                        whole.group(2),
                        whole.group(3),
                        whole.group(5),
                        0,
                        0,
                        whole.group(6));
            }
            Matcher part = PART.matcher(key);
            if (part.matches() && placed(part)) {
                long from = Long.parseLong(part.group(6), 16);
                long to = Long.parseLong(part.group(7), 16);
                return new Wal(
                        key,
                        part.group(1),
                        ObjectType.WAL_PART,
                        part.group(2),
                        part.group(3),
                        part.group(5),
                        from,
                        to,
                        part.group(8));
            }
            Matcher history = HISTORY.matcher(key);
            return history.matches()
                    ? new Wal(
                            key,
                            history.group(1),
                            ObjectType.WAL_HISTORY,
                            history.group(2),
                            history.group(3),
                            "",
                            0,
                            0,
                            history.group(4))
                    : new Other(key);
        }

        /** A segment lies in the folders that its name begins with. */
        private static boolean placed(Matcher wal) {
            return wal.group(5).startsWith(wal.group(3) + wal.group(4));
        }

        private static ObjectType kind(String name) {
            if (name.endsWith(".pack")) {
                return ObjectType.PACK;
            }
            if (name.startsWith("map-")) {
                return ObjectType.MAP;
            }
            return name.equals("manifest") ? ObjectType.MANIFEST : ObjectType.COMMIT;
        }
    }
}
