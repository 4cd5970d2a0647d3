package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Member;
import dev.muster.runbooks.Traffic;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Servers as fields name them: a host, with a port or without. */
final class Servers {
    /** A host with a port or without; an address of IPv6 with a port stands in brackets. */
    private static final Pattern SERVER =
            Pattern.compile("\\[(?<v6>[0-9A-Fa-f:.]+)](?::(?<p6>\\d{1,5}))?|(?<host>[^:\\[\\]]+)(?::(?<port>\\d{1,5}))?"
                    + "|(?<bare>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)");

    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern TCP = Pattern.compile("tcp:(?<server>.+)");

    private Servers() {}

    static void check(Fields server) {
        server.text().filter(text -> !text.isEmpty()).ifPresent(text -> {
            Optional<Member.Address> address = of(text);
            if (address.isEmpty()) {
                server.refuse("BAD_VALUE", "This is no server.", "Write a host, host:port or [IPv6]:port.");
            } else {
                server.mention(address.get().host());
            }
        });
    }

    static void checkRuntime(Fields address) {
        Matcher tcp = TCP.matcher(address.text().orElse(""));
        if (tcp.matches()) {
            of(tcp.group("server"))
                    .ifPresentOrElse(
                            found -> address.mention(found.host()),
                            () -> address.refuse(
                                    "BAD_VALUE", "This is no address.", "Write tcp:HOST:PORT or unix:/PATH."));
        }
    }

    static Optional<Member.Address> of(String text) {
        Matcher matcher = SERVER.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String host = first(matcher, "v6", "host", "bare");
        String port = first(matcher, "p6", "port");
        int number = port == null ? Traffic.Dns.PORT : Integer.parseInt(port);
        return host == null || host.isBlank() || number < 1 || number > 65_535
                ? Optional.empty()
                : Optional.of(new Member.Address(host, number));
    }

    private static @Nullable String first(Matcher matcher, String... groups) {
        for (String group : groups) {
            if (matcher.group(group) != null) {
                return matcher.group(group);
            }
        }
        return null;
    }

    static boolean isIpv4(String value) {
        return IPV4.matcher(value).matches();
    }

    static boolean isIpv6(String value) {
        return IPV6.matcher(value).matches();
    }

    static boolean isAddress(String value) {
        return isIpv4(value) || isIpv6(value);
    }
}
