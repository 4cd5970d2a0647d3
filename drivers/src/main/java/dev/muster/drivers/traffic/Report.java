package dev.muster.drivers.traffic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What somebody else's program says of where traffic goes, in JSON: {@code {"shares": {"east": 100}, "ttlSeconds": 30,
 * "connections": {"west": 12}}}; only {@code shares} is needed.
 */
public final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_QUOTE = 300;

    private Report() {}

    /**
     * @param source for messages
     * @throws TrafficException TRAFFIC_ANSWER_INVALID
     */
    public static Answer.Shown read(String text, Collection<String> sites, String source) {
        try {
            JsonNode report = JSON.readTree(text);
            JsonNode shares = report.path("shares");
            if (!shares.isObject()) {
                throw invalid(source, text, "it has no 'shares'");
            }
            Map<String, Integer> known = new TreeMap<>();
            Map<String, String> strangers = new TreeMap<>();
            for (Map.Entry<String, JsonNode> share : shares.properties()) {
                if (!share.getValue().isInt()) {
                    throw invalid(source, text, "the share of '" + share.getKey() + "' is no whole number");
                }
                if (sites.contains(share.getKey())) {
                    known.put(share.getKey(), share.getValue().intValue());
                } else if (share.getValue().intValue() != 0) {
                    strangers.put(
                            share.getKey(),
                            share.getKey() + "=" + share.getValue().intValue());
                }
            }
            return shown(report, known, strangers, sites, quote(text));
        } catch (JsonProcessingException e) {
            throw invalid(source, text, "it is no JSON");
        } catch (TrafficException e) {
            throw e.code().equals("TRAFFIC_SHARES_INVALID") ? invalid(source, text, String.valueOf(e.getMessage())) : e;
        }
    }

    private static Answer.Shown shown(
            JsonNode report,
            Map<String, Integer> known,
            Map<String, String> strangers,
            Collection<String> sites,
            String detail) {
        Duration ttl = Duration.ofSeconds(Math.max(
                0,
                Math.min(report.path("ttlSeconds").asLong(0), Duration.ofDays(7).toSeconds())));
        TreeMap<String, SiteTraffic> traffic = new TreeMap<>();
        // With strangers the known sites do not make 100 together, and no shares can be told.
        Shares shares = strangers.isEmpty() ? new Shares(known) : Shares.NOBODY;
        for (String site : sites) {
            SiteTraffic plain = SiteTraffic.of(shares.of(site));
            JsonNode connections = report.path("connections").path(site);
            Optional<Long> count =
                    connections.canConvertToLong() ? Optional.of(connections.longValue()) : Optional.empty();
            boolean draining = plain.share() == 0 && count.orElse(0L) > 0;
            traffic.put(
                    site,
                    new SiteTraffic(
                            plain.share(),
                            draining ? SiteTraffic.State.DRAINING : plain.state(),
                            count,
                            Optional.empty()));
        }
        return new Answer.Shown(traffic, java.util.List.copyOf(strangers.values()), ttl, detail);
    }

    private static TrafficException invalid(String source, String text, String why) {
        return new TrafficException(
                "TRAFFIC_ANSWER_INVALID",
                "What " + source + " reports cannot be used: " + why + ": " + quote(text),
                "It is {\"shares\": {\"SITE\": PERCENT}}, whole numbers that are 100 together, or all 0.");
    }

    private static String quote(String text) {
        String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "...";
    }
}
