package dev.muster.cli.repo;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;

/** Names this process in a repository's leases. */
final class Writer {
    private static final int LONGEST = 63;

    private Writer() {}

    static String here() {
        String name;
        try {
            name = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            name = "host";
        }
        String clean = ("cli-" + name).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "-");
        return clean.substring(0, Math.min(LONGEST, clean.length()));
    }
}
