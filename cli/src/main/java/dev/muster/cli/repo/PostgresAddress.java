package dev.muster.cli.repo;

import dev.muster.postgres.replication.ServerAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a server is, in libpq's words: {@code host=… port=… user=… dbname=… sslmode=… sslrootcert=…} or
 * {@code postgresql://user@host:port/dbname?sslmode=…}. The password comes from PGPASSWORD only: a command line is read by
 * every user of the machine.
 */
public record PostgresAddress(
        String host,
        int port,
        String user,
        String database,
        ServerAddress.Tls tls,
        Optional<Path> authorities,
        Optional<String> password) {

    /** {@code postgres:CONNINFO}, as verbs take it. */
    public static PostgresAddress ofSource(String source) {
        if (!source.startsWith("postgres:")) {
            throw BackupRepo.refused("'" + source + "' is not postgres:CONNINFO.");
        }
        return parse(source.substring("postgres:".length()), System.getenv());
    }

    static PostgresAddress parse(String conninfo, Map<String, String> environment) {
        Map<String, String> words = conninfo.startsWith("postgresql://") || conninfo.startsWith("postgres://")
                ? ofUri(conninfo)
                : ofWords(conninfo);
        if (words.containsKey("password")) {
            throw BackupRepo.refused("A password on the command line is read by every user of this machine:"
                    + " give it as PGPASSWORD.");
        }
        String host = words.getOrDefault("host", "127.0.0.1");
        int port;
        try {
            port = Integer.parseInt(words.getOrDefault("port", "5432"));
        } catch (NumberFormatException e) {
            throw BackupRepo.refused("'" + words.get("port") + "' is no port.");
        }
        String user = words.getOrDefault("user", System.getProperty("user.name"));
        return new PostgresAddress(
                host,
                port,
                user,
                words.getOrDefault("dbname", "postgres"),
                tls(words.get("sslmode"), host),
                Optional.ofNullable(words.get("sslrootcert")).map(Path::of),
                Optional.ofNullable(environment.get("PGPASSWORD")));
    }

    private static Map<String, String> ofUri(String text) {
        try {
            URI uri = new URI(text);
            Map<String, String> words = new HashMap<>();
            if (uri.getUserInfo() != null) {
                String[] login = uri.getUserInfo().split(":", 2);
                words.put("user", login[0]);
                if (login.length > 1) {
                    words.put("password", login[1]);
                }
            }
            if (uri.getHost() != null) {
                words.put("host", uri.getHost());
            }
            if (uri.getPort() > 0) {
                words.put("port", Integer.toString(uri.getPort()));
            }
            if (uri.getPath() != null && uri.getPath().length() > 1) {
                words.put("dbname", uri.getPath().substring(1));
            }
            if (uri.getQuery() != null) {
                words.putAll(ofWords(uri.getQuery().replace('&', ' ')));
            }
            return words;
        } catch (URISyntaxException e) {
            // Without its text, which may hold a password.
            throw BackupRepo.refused("The address of the server is no URI: " + e.getReason() + ".");
        }
    }

    private static Map<String, String> ofWords(String text) {
        Map<String, String> words = new HashMap<>();
        for (String word : text.strip().split("\\s+", -1)) {
            int equals = word.indexOf('=');
            if (word.isEmpty()) {
                continue;
            }
            String name = equals < 0 ? "" : word.substring(0, equals);
            switch (name) {
                case "host", "port", "user", "dbname", "password", "sslmode", "sslrootcert" ->
                    words.put(name, word.substring(equals + 1));
                default ->
                    throw BackupRepo.refused("The address of a server has host, port, user, dbname, sslmode and"
                            + " sslrootcert, each with = and its value.");
            }
        }
        return words;
    }

    private static ServerAddress.Tls tls(@org.jspecify.annotations.Nullable String mode, String host) {
        if (mode == null) {
            boolean loopback = host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
            return loopback ? ServerAddress.Tls.DISABLE : ServerAddress.Tls.VERIFY_FULL;
        }
        return switch (mode) {
            case "disable" -> ServerAddress.Tls.DISABLE;
            case "require" -> ServerAddress.Tls.REQUIRE;
            case "verify-full" -> ServerAddress.Tls.VERIFY_FULL;
            default -> throw BackupRepo.refused("sslmode is disable, require or verify-full, not '" + mode + "'.");
        };
    }

    public ServerAddress forReplication() {
        return ServerAddress.trusted(host, port, user)
                .withPassword(() -> password)
                .withTls(tls, authorities);
    }

    public DataSource forSql() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {host});
        source.setPortNumbers(new int[] {port});
        source.setDatabaseName(database);
        source.setUser(user);
        password.ifPresent(source::setPassword);
        source.setSslMode(
                switch (tls) {
                    case DISABLE -> "disable";
                    case REQUIRE -> "require";
                    case VERIFY_FULL -> "verify-full";
                });
        authorities.ifPresent(file -> source.setSslRootCert(file.toString()));
        source.setConnectTimeout(10);
        return source;
    }

    /** Never with the password. */
    @Override
    public String toString() {
        return user + "@" + host + ":" + port + "/" + database;
    }
}
