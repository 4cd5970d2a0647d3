package dev.muster.drivers.traffic.haproxy;

import dev.muster.drivers.traffic.SiteTraffic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One server's line of {@code show stat}.
 *
 * @param status in HAProxy's words: UP, no check, DOWN, MAINT, DRAIN, NOLB, with how far a check is
 * @param weight the one set, also while it is drained
 * @param sessions under way
 * @param sinceSeconds since the status changed
 */
record ServerStatus(String name, String status, int weight, long sessions, long sinceSeconds) {
    /** @throws IllegalArgumentException if it is not the table that HAProxy writes */
    static List<ServerStatus> parse(String table, String backend) {
        List<String> lines = table.lines().toList();
        if (lines.isEmpty() || !lines.get(0).startsWith("# ")) {
            throw new IllegalArgumentException("not a table of servers");
        }
        String[] names = lines.get(0).substring(2).split(",", -1);
        Map<String, Integer> columns = new HashMap<>();
        for (int column = 0; column < names.length; column++) {
            columns.put(names[column], column);
        }
        List<ServerStatus> servers = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            if (backend.equals(cell(cells, columns, "pxname"))) {
                servers.add(new ServerStatus(
                        cell(cells, columns, "svname"),
                        cell(cells, columns, "status"),
                        Integer.parseInt(cell(cells, columns, "weight")),
                        Long.parseLong(cell(cells, columns, "scur")),
                        Long.parseLong(cell(cells, columns, "lastchg"))));
            }
        }
        return servers;
    }

    private static String cell(String[] cells, Map<String, Integer> columns, String name) {
        Integer column = columns.get(name);
        if (column == null || column >= cells.length) {
            throw new IllegalArgumentException("no column " + name);
        }
        return cells[column];
    }

    SiteTraffic.State state() {
        if (status.startsWith("MAINT")) {
            return SiteTraffic.State.OFF;
        }
        if (status.startsWith("DRAIN")) {
            return SiteTraffic.State.DRAINING;
        }
        if (status.equals("UP") || status.equals("no check")) {
            return SiteTraffic.State.SERVING;
        }
        // "UP 1/3": just made ready, or failed a check; it gets connections, and nobody knows yet whether they are
        // served.
        return status.startsWith("UP ") ? SiteTraffic.State.UNPROVEN : SiteTraffic.State.DOWN;
    }

    /** What it counts for in the balance, whether it is up or down. */
    long effectiveWeight() {
        SiteTraffic.State state = state();
        return state == SiteTraffic.State.OFF || state == SiteTraffic.State.DRAINING ? 0 : weight;
    }
}
