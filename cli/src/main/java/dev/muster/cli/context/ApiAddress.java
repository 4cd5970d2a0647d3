package dev.muster.cli.context;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where an API is. Without TLS only on this machine, unless somebody said that the network in between is trusted: a
 * token sent in the clear is everybody's.
 */
public record ApiAddress(URI uri, boolean plainHttp) {
    private static final Pattern THIS_MACHINE = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1\\]");

    public ApiAddress {
        boolean http = "http".equals(uri.getScheme());
        if ((!http && !"https".equals(uri.getScheme()))
                || uri.getHost() == null
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null
                || uri.getRawUserInfo() != null) {
            throw invalid(
                    "'" + shown(uri.toString()) + "' is no address of an API.",
                    "Give https://HOST:PORT, without /v1, user or query; http:// for one on this machine.",
                    null);
        }
        if (http && !plainHttp && !THIS_MACHINE.matcher(uri.getHost()).matches()) {
            throw invalid(
                    "'" + shown(uri.toString()) + "' would send the token over the network without TLS.",
                    "Use https://; or, where the network in between is trusted, --plain-http (MUSTER_PLAIN_HTTP=1).",
                    null);
        }
    }

    /** @throws CliException API_ADDRESS_INVALID */
    public static ApiAddress parse(String text, boolean plainHttp) {
        try {
            String stripped = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
            return new ApiAddress(new URI(stripped), plainHttp);
        } catch (URISyntaxException e) {
            throw invalid(
                    "'" + shown(text) + "' is no address of an API.",
                    "Give https://HOST:PORT; http:// for one on this machine.",
                    e);
        }
    }

    private static String shown(String text) {
        // A password in it must not be repeated.
        return text.replaceFirst("//[^/@]*@", "//…@");
    }

    private static CliException invalid(String message, String hint, @Nullable Throwable cause) {
        return new CliException("API_ADDRESS_INVALID", message, hint, ExitCode.BAD_INPUT, List.of(), cause);
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
