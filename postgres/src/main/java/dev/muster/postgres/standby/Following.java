package dev.muster.postgres.standby;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.replication.ReplicationConnection;
import dev.muster.postgres.replication.ServerAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How a standby follows its upstream, which may be a standby itself.
 *
 * @param upstream and the role with REPLICATION that streams from it
 * @param member the standby's name, its {@code application_name}
 * @param slot on the upstream, for this standby alone
 * @param passwordFile where the password goes, outside of the data directory, or every backup would carry it; written
 *     only if there is one
 */
public record Following(ServerAddress upstream, String member, String slot, Path passwordFile) {
    public Following {
        ReplicationConnection.requireSlotName(slot);
        if (member.isBlank()) {
            throw new IllegalArgumentException("A standby has a name");
        }
    }

    /** The settings that make a server follow; the password is not among them. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("primary_conninfo", connection());
        settings.put("primary_slot_name", slot);
        settings.put("recovery_target_timeline", "latest");
        settings.put("hot_standby", "on");
        return settings;
    }

    String connection() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("host", upstream.host());
        words.put("port", Integer.toString(upstream.port()));
        words.put("user", upstream.user());
        words.put("application_name", member);
        words.put(
                "connect_timeout",
                Long.toString(Math.max(2, upstream.connectTimeout().toSeconds())));
        words.put("sslmode", upstream.tls().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        upstream.rootCertificates().ifPresent(file -> words.put("sslrootcert", file.toString()));
        if (upstream.password().get().isPresent()) {
            words.put("passfile", passwordFile.toAbsolutePath().toString());
        }
        return words.entrySet().stream()
                .map(word -> word.getKey() + "='"
                        + word.getValue().replace("\\", "\\\\").replace("'", "\\'") + "'")
                .collect(Collectors.joining(" "));
    }

    /** Writes the password's file, for PostgreSQL's user alone, where there is a password. */
    void writePassword(MemberServer server) {
        Optional<String> password = upstream.password().get();
        if (password.isEmpty()) {
            return;
        }
        Path file = passwordFile.toAbsolutePath().normalize();
        if (file.startsWith(server.dataDirectory().toAbsolutePath().normalize())) {
            throw new PostgresException(
                    "PASSWORD_FILE_PLACE",
                    "The password's file " + file + " would lie in the data directory, and so in each backup",
                    "Name a path outside of the data directory.");
        }
        try {
            AutomaticConfiguration.write(
                    file,
                    escaped(upstream.host()) + ":" + upstream.port() + ":*:" + escaped(upstream.user()) + ":"
                            + escaped(password.get()) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
        server.installation().own(file);
    }

    private static String escaped(String field) {
        return field.replace("\\", "\\\\").replace(":", "\\:");
    }

    /** The upstream and slot; never the password. */
    @Override
    public String toString() {
        return member + " from " + upstream + " through slot " + slot;
    }
}
