package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.KeyReference;
import dev.muster.runbooks.Name;
import dev.muster.runbooks.SecretReference;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.SystemDescription.Check;
import dev.muster.runbooks.SystemDescription.Database;
import dev.muster.runbooks.SystemDescription.RepositoryPlace;
import dev.muster.runbooks.Tier;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What a {@code kind: System} document means, beyond what its schema says. */
final class SystemReader {
    private static final Pattern STORE = Pattern.compile("(file:///|(s3|azure|gs)://[a-z0-9])[^\\x00-\\x20]+");

    /** A setting that names a secret and holds it; sig is what somebody leaves who pastes a whole address of Azure's. */
    private static final Pattern PLAIN_SECRET =
            Pattern.compile("[?&]((access-key|secret-key|session-token|account-key|sas)=(?!env:|file:/)|sig="
                    + "|credentials=(?!env:|file:/|none(&|$)))");

    private static final String DEFAULT_SLOT = "muster";

    private SystemReader() {}

    /** Tells every problem that the schema cannot see; fields of the wrong type are passed over. */
    static void check(Fields system) {
        Fields spec = system.at("spec");
        CommonFields.objectives(spec.at("objectives"));
        Names sites = names(spec.at("sites"), "site");
        Names repositories = names(spec.at("repositories"), "repository");
        Names databases = names(spec.at("databases"), "database");
        names(spec.at("checks"), "check");
        for (Fields repository : spec.at("repositories").items()) {
            sites.known(repository.at("site"));
            checkKey(repository.at("key"));
            checkStore(repository);
        }
        StorePlaces.check(spec.at("repositories").items());
        for (Fields database : spec.at("databases").items()) {
            sites.known(database.at("site"));
            repositories.known(database.at("repository"));
            checkSecret(database.at("connection").at("password"));
        }
        checkPlaces(system, spec.at("databases").items());
        for (Fields check : spec.at("checks").items()) {
            databases.known(check.at("database"));
            checkCheck(check);
        }
    }

    /** The names of a list; where it is no list, that is the only problem to tell. */
    private record Names(String what, boolean list, Set<String> all) {
        void known(Fields field) {
            if (list) {
                CommonFields.known(field, what, all);
            }
        }
    }

    private static Names names(Fields list, String what) {
        Set<String> names = new LinkedHashSet<>();
        for (Fields item : list.items()) {
            item.at("name")
                    .text()
                    .filter(name -> !names.add(name))
                    .ifPresent(name -> item.at("name")
                            .refuse(
                                    "DUPLICATE_NAME",
                                    "There is another " + what + " '" + CommonFields.shortened(name)
                                            + "' in this system.",
                                    "Give each " + what + " its own name."));
        }
        return new Names(what, list.isList(), names);
    }

    private static void checkSecret(Fields secret) {
        secret.text()
                .filter(text -> !SecretReference.possible(text))
                .ifPresent(text -> secret.refuse(
                        "SECRET_IN_PLAIN",
                        "Here goes a reference to a secret, never the secret.",
                        "Write env:NAME or file:/absolute/path; the worker that uses it resolves it there."
                                + " If this was a real secret, change it."));
    }

    private static void checkKey(Fields key) {
        key.text().filter(text -> !KeyReference.possible(text)).ifPresent(text -> {
            String forms = "Write file:/path of a key file, passphrase:env:NAME, passphrase:file:/path, local-kms:/path"
                    + " or aws-kms:ARN of a key; the worker that uses it resolves it there.";
            if (SecretReference.possible(text)) {
                key.refuse("KEY_REFERENCE_INVALID", "This refers to no key that opens a repository.", forms);
            } else {
                key.refuse(
                        "SECRET_IN_PLAIN",
                        "Here goes a reference to a key, never the key.",
                        forms + " If this was a real secret, change it.");
            }
        });
    }

    private static void checkStore(Fields repository) {
        Fields store = repository.at("store");
        store.text().ifPresent(url -> {
            int scheme = url.indexOf("://");
            if (scheme > 0 && url.substring(scheme + 3).contains("@")) {
                store.refuse(
                        "SECRET_IN_PLAIN",
                        "A store's URL holds no user or password.",
                        "Take them out. If this was a real secret, change it.");
            } else if (PLAIN_SECRET.matcher(url).find()) {
                store.refuse(
                        "SECRET_IN_PLAIN",
                        "Here goes a reference to a secret, never the secret.",
                        "Write env:NAME or file:/absolute/path after the equals sign. If this was a real secret, change it.");
            } else if (!STORE.matcher(url).matches()) {
                store.refuse(
                        "STORE_NOT_SUPPORTED",
                        "This version has no such store.",
                        "Write file:///folder, s3://bucket/prefix, azure://account/container/prefix or gs://bucket/prefix.");
            } else if (url.startsWith("file:")) {
                checkKeyOutside(
                        repository.at("key"), url.substring("file://".length()).replaceAll("\\?.*", ""));
            }
        });
    }

    private static void checkKeyOutside(Fields key, String storeFolder) {
        String folder = storeFolder.replaceAll("/+$", "") + "/";
        key.text()
                .filter(KeyReference::possible)
                .filter(text -> new KeyReference(text).file().startsWith(folder))
                .ifPresent(text -> key.refuse(
                        "KEY_INSIDE_STORE",
                        "The key lies inside of the store that it opens.",
                        "Keep it elsewhere: who takes the store must not get the key with it."));
    }

    /** Two databases in one place would overwrite each other's backups or WAL. */
    private static void checkPlaces(Fields system, List<Fields> databases) {
        Map<String, String> places = new HashMap<>();
        Map<String, String> sources = new HashMap<>();
        for (Fields database : databases) {
            String name = database.at("name").text().orElse("");
            String place = database.at("host").text().orElse("") + " "
                    + database.at("dataDirectory").text().orElse("");
            if (place.length() > 1) {
                String other = places.putIfAbsent(place.replaceAll("/+$", ""), name);
                if (other != null) {
                    database.at("dataDirectory")
                            .refuse(
                                    "DUPLICATE_DATA_DIRECTORY",
                                    "The database '" + CommonFields.shortened(other)
                                            + "' has the same data directory on the same host.",
                                    "Take one of them out: each database is one cluster.");
                }
            }
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
                            source + " " + database.at("repository").text().orElse(""), name)
                    != null) {
                (database.at("source").written() ? database.at("source") : database.at("name"))
                        .refuse(
                                "DUPLICATE_SOURCE",
                                "Another database has the same source '" + source + "' in the same repository.",
                                "Give each its own 'source'.");
            }
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

    private static void checkCheck(Fields check) {
        boolean sql = check.at("sql").written();
        if (sql == check.at("command").written()) {
            check.refuse(
                    "CHECK_UNCLEAR",
                    "A check is either a query or a command; this is " + (sql ? "both." : "neither."),
                    "Write database, sql and expect, or command.");
            return;
        }
        for (String field : List.of("database", "expect")) {
            if (sql && !check.at(field).written()) {
                check.refuse(
                        "MISSING_FIELD",
                        "A check by a query needs '" + field + "'.",
                        field.equals("expect") ? "Write the value's text: expect: \"0\"." : "Add it.");
            } else if (!sql && check.at(field).written()) {
                check.at(field)
                        .refuseKey(
                                "UNKNOWN_FIELD",
                                "A check by a command has no such field.",
                                "Take it out: the command passes by exit code 0.");
            }
        }
    }

    /** The system, of a document without problems. */
    static SystemDescription read(Fields system) {
        Fields spec = system.at("spec");
        Tier tier = Tier.of(spec.at("tier").required());
        return new SystemDescription(
                system.at("metadata").at("name").required(),
                tier,
                tier.objectives().with(CommonFields.objectives(spec.at("objectives"))),
                spec.at("sites").items().stream()
                        .map(site -> new SystemDescription.Site(site.at("name").required()))
                        .toList(),
                spec.at("repositories").items().stream()
                        .map(SystemReader::repository)
                        .toList(),
                spec.at("databases").items().stream()
                        .map(database -> database(system, database))
                        .toList(),
                spec.at("checks").items().stream().map(SystemReader::dataCheck).toList());
    }

    private static RepositoryPlace repository(Fields repository) {
        return new RepositoryPlace(
                repository.at("name").required(),
                repository.at("site").required(),
                repository.at("store").required(),
                new KeyReference(repository.at("key").required()),
                repository
                        .at("keepAtLeast")
                        .text()
                        .flatMap(Durations::parse)
                        .map(Duration::toSeconds)
                        .orElse(null));
    }

    private static Database database(Fields system, Fields database) {
        Fields connection = database.at("connection");
        return new Database(
                database.at("name").required(),
                database.at("site").required(),
                database.at("host").required(),
                source(system, database),
                database.at("repository").required(),
                database.at("dataDirectory").required(),
                new SystemDescription.Connection(
                        connection.at("host").required(),
                        connection.at("port").whole().orElseThrow().intValue(),
                        connection.at("user").required(),
                        connection.at("database").required(),
                        connection
                                .at("password")
                                .text()
                                .map(SecretReference::new)
                                .orElse(null)),
                database.at("replicationSlot").text().orElse(DEFAULT_SLOT),
                database.at("onSlotLoss").text().map(SystemReader::onSlotLoss).orElse(null));
    }

    private static SystemDescription.OnSlotLoss onSlotLoss(String id) {
        return id.equals(SystemDescription.OnSlotLoss.STOP.id())
                ? SystemDescription.OnSlotLoss.STOP
                : SystemDescription.OnSlotLoss.NEW_FULL;
    }

    private static Check dataCheck(Fields check) {
        String name = check.at("name").required();
        return check.at("command").written()
                ? new Check.Command(name, check.at("command").required())
                : new Check.Sql(
                        name,
                        check.at("database").required(),
                        check.at("sql").required(),
                        check.at("expect").required());
    }
}
