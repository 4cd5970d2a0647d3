package dev.muster.cli.repo;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;

/** Names this process in a repository's leases. */
final class Writer {
    private static final int LONGEST = 63;

    private Writer() {}

    static String here() {
        String clean = ("cli-" + host()).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "-");
        return clean.substring(0, Math.min(LONGEST, clean.length()));
    }

    /** Who types, for marks that say whose they are. */
    static String person() {
        return System.getProperty("user.name", "somebody") + "@" + host();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "host";
        }
    }
}
