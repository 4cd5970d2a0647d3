package dev.muster.drivers.traffic.dns;

import dev.muster.drivers.traffic.Programs;
import dev.muster.drivers.traffic.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** BIND's named on this machine's loopback, with one zone. */
final class NameServer implements AutoCloseable {
    static final String ZONE = "example.test";
    /** The first may change addresses and aliases below the zone; the second is known and may change nothing. */
    static final TsigKey KEY = new TsigKey("muster", "hmac-sha256", secret("sixteen bytes of"));

    static final TsigKey POWERLESS = new TsigKey("reader", "hmac-sha512", secret("another sixteen b"));

    private final Path folder;
    private final int port;
    private Process process;

    private NameServer(Path folder, int port) {
        this.folder = folder;
        this.port = port;
        this.process = launch();
    }

    /** @param secondary its port, for notices */
    static NameServer primary(Path folder, int port, int secondary, boolean notices, String records)
            throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("zone"), """
                $TTL 300
                @ IN SOA ns1 admin 1 3600 600 86400 5
                @ IN NS ns1
                @ IN NS ns2
                ns1 IN A 127.0.0.1
                ns2 IN A 127.0.0.1
                """ + records);
        configure(
                folder,
                port,
                "recursion no;",
                keyText(KEY) + keyText(POWERLESS) + """
                zone "example.test" {
                  type primary; file "zone"; allow-transfer { any; };
                  update-policy { grant muster wildcard *.example.test. A AAAA CNAME; };
                  notify %s; also-notify { 127.0.0.1 port %d; }; notify-delay 0;
                };
                """.formatted(notices ? "explicit" : "no", secondary));
        return new NameServer(folder, port);
    }

    static NameServer secondary(Path folder, int port, int primary) throws IOException {
        Files.createDirectories(folder);
        configure(folder, port, "recursion no;", """
                zone "example.test" {
                  type secondary; primaries { 127.0.0.1 port %d; };
                };
                """.formatted(primary));
        return new NameServer(folder, port);
    }

    /** Keeps what it was told. */
    static NameServer resolver(Path folder, int port, int primary) throws IOException {
        Files.createDirectories(folder);
        configure(folder, port, "recursion yes; allow-recursion { any; };", """
                zone "example.test" { type forward; forward only; forwarders { 127.0.0.1 port %d; }; };
                """.formatted(primary));
        return new NameServer(folder, port);
    }

    private static Secret secret(String text) {
        return new Secret(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private static String keyText(TsigKey key) {
        return "key \"%s\" { algorithm %s; secret \"%s\"; };\n"
                .formatted(
                        key.name(),
                        key.algorithm(),
                        java.util.Base64.getEncoder()
                                .encodeToString(key.secret().bytes()));
    }

    private static void configure(Path folder, int port, String options, String rest) throws IOException {
        Files.writeString(folder.resolve("named.conf"), """
                options {
                  directory "%s"; pid-file none; session-keyfile "%s/session.key";
                  listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; };
                  dnssec-validation no; empty-zones-enable no; minimal-responses yes; %s
                };
                controls { };
                """.formatted(folder, folder, port, options) + rest);
    }

    private Process launch() {
        Path program = Programs.find("named", "apt-get install bind9");
        return Programs.start(
                List.of(
                        program.toString(),
                        "-g",
                        "-n",
                        "1",
                        "-c",
                        folder.resolve("named.conf").toString()),
                folder.resolve("log"),
                this::answers);
    }

    private boolean answers() {
        try {
            Message question = Message.newQuery(Record.newRecord(DnsNames.of("ns1." + ZONE), Type.A, DClass.IN));
            Message answer = new DnsExchange(Duration.ofMillis(500)).ask(question, address());
            return answer.getHeader().getFlag(Flags.QR)
                    && !answer.getSection(Section.ANSWER).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** A secondary then takes the zone from its primary anew. */
    void restart() {
        close();
        process = launch();
    }

    @Override
    public void close() {
        Programs.end(process);
    }
}
