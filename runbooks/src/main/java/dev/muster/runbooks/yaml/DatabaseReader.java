package dev.muster.runbooks.yaml;

import dev.muster.runbooks.ByteSizes;
import dev.muster.runbooks.Fence;
import dev.muster.runbooks.Member;
import dev.muster.runbooks.Name;
import dev.muster.runbooks.Replication;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.SystemDescription.Database;
import dev.muster.runbooks.Topology;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A database of a system: one PostgreSQL server, or members that replicate. */
final class DatabaseReader {
    static final String DEFAULT_SLOT = "muster";

    /** What a member says where there are several. */
    private static final List<String> OF_MEMBERS =
            List.of("site", "host", "dataDirectory", "connection", "replicationSlot");

    private DatabaseReader() {}

    /** Tells every problem that the schema cannot see; fields of the wrong type are passed over. */
    static void check(Fields database, Names sites, Names repositories) {
        repositories.known(database.at("repository"));
        if (database.at("members").written()) {
            for (String field : OF_MEMBERS) {
                if (database.at(field).written()) {
                    database.at(field)
                            .refuseKey(
                                    "FIELD_OF_MEMBER",
                                    "A database with members has no " + field + " of its own.",
                                    "Move it into the member that it is of.");
                }
            }
        }
        for (Fields server : servers(database)) {
            sites.known(server.at("site"));
            CommonFields.secret(server.at("connection").at("password"));
        }
        MemberReader.check(database);
        FenceReader.check(database);
    }

    /** The fields that hold a server each: the database itself, or its members. */
    static List<Fields> servers(Fields database) {
        return database.at("members").written() ? database.at("members").items() : List.of(database);
    }

    /** Two servers in one place would overwrite each other's data, backups or WAL. */
    static void checkPlaces(Fields system, List<Fields> databases) {
        Map<String, String> places = new HashMap<>();
        Map<String, String> sources = new HashMap<>();
        for (Fields database : databases) {
            checkDirectories(places, database);
            checkSource(sources, system, database);
        }
    }

    private static void checkDirectories(Map<String, String> places, Fields database) {
        String name = database.at("name").text().orElse("");
        for (Fields server : servers(database)) {
            String place = server.at("host").text().orElse("") + " "
                    + server.at("dataDirectory").text().orElse("");
            if (place.length() > 1) {
                String other = places.putIfAbsent(place.replaceAll("/+$", ""), name);
                if (other != null) {
                    server.at("dataDirectory")
                            .refuse(
                                    "DUPLICATE_DATA_DIRECTORY",
                                    "The database '" + CommonFields.shortened(other)
                                            + "' has the same data directory on the same host.",
                                    "Take one of them out: each database is one cluster.");
                }
            }
        }
    }

    private static void checkSource(Map<String, String> sources, Fields system, Fields database) {
        String source = source(system, database);
        if (!Name.possible(source)) {
            if (!database.at("source").written() && isName(system.at("metadata")) && isName(database)) {
                database.at("name")
                        .refuse(
                                "SOURCE_NAME_TOO_LONG",
                                "With its system's name before it this is too long for a source's name.",
                                "Write 'source' too: at most 63 characters.");
            }
        } else if (sources.putIfAbsent(
                        source + " " + database.at("repository").text().orElse(""),
                        database.at("name").text().orElse(""))
                != null) {
            (database.at("source").written() ? database.at("source") : database.at("name"))
                    .refuse(
                            "DUPLICATE_SOURCE",
                            "Another database has the same source '" + source + "' in the same repository.",
                            "Give each its own 'source'.");
        }
    }

    private static boolean isName(Fields named) {
        return named.at("name").text().filter(Name::possible).isPresent();
    }

    private static String source(Fields system, Fields database) {
        return database.at("source")
                .text()
                .orElseGet(() -> system.at("metadata").at("name").text().orElse("") + "-"
                        + database.at("name").text().orElse(""));
    }

    /** The database, of a document without problems. */
    static Database read(Fields system, Fields database) {
        boolean one = !database.at("members").written();
        List<Member> members =
                servers(database).stream().map(server -> member(server, one)).toList();
        Member first = members.get(0);
        return new Database(
                database.at("name").required(),
                first.site(),
                first.host(),
                source(system, database),
                database.at("repository").required(),
                first.dataDirectory(),
                first.connection(),
                first.replicationSlot(),
                database.at("onSlotLoss").text().map(DatabaseReader::onSlotLoss).orElse(null),
                topology(database, members));
    }

    /** None for a description that says what older versions knew: what they stored of it must stay as it was. */
    private static @Nullable Topology topology(Fields database, List<Member> members) {
        boolean described = database.at("members").written()
                || database.at("replication").written()
                || database.at("fence").written();
        if (!described) {
            return null;
        }
        List<Fence> fence = FenceReader.read(database.at("fence"));
        return new Topology(
                members.get(0).name(),
                replication(database.at("replication"), members),
                members,
                fence.isEmpty() ? Topology.DEFAULT_FENCE : fence);
    }

    private static Member member(Fields server, boolean one) {
        Fields address = server.at("address");
        return new Member(
                // The database itself: its name is not its server's.
                one ? server.at("host").required() : server.at("name").required(),
                server.at("site").required(),
                server.at("host").required(),
                server.at("dataDirectory").required(),
                CommonFields.connection(server.at("connection")),
                address.written()
                        ? new Member.Address(
                                address.at("host").required(),
                                address.at("port").whole().orElseThrow().intValue())
                        : null,
                server.at("replicationSlot").text().orElse(DEFAULT_SLOT),
                server.at("streamingSlot").text().orElse(null),
                server.at("upstream").text().orElse(null),
                server.at("priority").whole().map(Long::intValue).orElse(Member.DEFAULT_PRIORITY),
                server.at("promotable").flag().orElse(true));
    }

    private static Replication replication(Fields replication, List<Member> members) {
        Replication.Mode mode = replication.at("mode").text().equals(Optional.of(Replication.Mode.SYNCHRONOUS.id()))
                ? Replication.Mode.SYNCHRONOUS
                : Replication.Mode.ASYNCHRONOUS;
        return new Replication(
                mode,
                mode == Replication.Mode.SYNCHRONOUS ? synchronous(replication.at("synchronous"), members) : null,
                replication.at("user").text().orElse(null),
                CommonFields.secretOf(replication.at("password")),
                replication.at("lagLimit").text().flatMap(ByteSizes::parse).orElse(Replication.DEFAULT_LAG_LIMIT),
                replication.at("automaticFailover").flag().orElse(false));
    }

    private static Replication.Synchronous synchronous(Fields synchronous, List<Member> members) {
        List<String> named =
                synchronous.at("members").items().stream().map(Fields::required).toList();
        return new Replication.Synchronous(
                synchronous.at("choice").text().equals(Optional.of(Replication.Choice.FIRST.id()))
                        ? Replication.Choice.FIRST
                        : Replication.Choice.ANY,
                synchronous.at("count").whole().map(Long::intValue).orElse(1),
                named.isEmpty() ? members.stream().map(Member::name).toList() : named);
    }

    private static SystemDescription.OnSlotLoss onSlotLoss(String id) {
        return id.equals(SystemDescription.OnSlotLoss.STOP.id())
                ? SystemDescription.OnSlotLoss.STOP
                : SystemDescription.OnSlotLoss.NEW_FULL;
    }
}
