package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.KeyReference;
import dev.muster.runbooks.Objectives;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.SecretReference;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.SystemDescription.Check;
import dev.muster.runbooks.SystemDescription.RepositoryPlace;
import dev.muster.runbooks.Tier;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a {@code kind: System} document means, beyond what its schema says. */
final class SystemReader {
    private static final Pattern STORE = Pattern.compile("(file:///|(s3|azure|gs)://[a-z0-9])[^\\x00-\\x20]+");

    /** A setting that names a secret and holds it; sig is what somebody leaves who pastes a whole address of Azure's. */
    private static final Pattern PLAIN_SECRET =
            Pattern.compile("[?&]((access-key|secret-key|session-token|account-key|sas)=(?!env:|file:/)|sig="
                    + "|credentials=(?!env:|file:/|none(&|$)))");

    private SystemReader() {}

    /** Tells every problem that the schema cannot see; fields of the wrong type are passed over. */
    static void check(Fields system) {
        Fields spec = system.at("spec");
        checkObjectives(spec.at("objectives"));
        Names sites = Names.of(spec.at("sites"), "site");
        spec.at("sites").items().forEach(site -> CommonFields.objectives(site.at("objectives")));
        Names repositories = Names.of(spec.at("repositories"), "repository");
        Names databases = Names.of(spec.at("databases"), "database");
        Names.of(spec.at("checks"), "check");
        Names endpoints = Names.of(spec.at("endpoints"), "endpoint");
        for (Fields repository : spec.at("repositories").items()) {
            sites.known(repository.at("site"));
            checkKey(repository.at("key"));
            checkStore(repository);
        }
        StorePlaces.check(spec.at("repositories").items());
        for (Fields database : spec.at("databases").items()) {
            DatabaseReader.check(database, sites, repositories);
        }
        DatabaseReader.checkPlaces(system, spec.at("databases").items());
        for (Fields check : spec.at("checks").items()) {
            databases.known(check.at("database"));
            checkCheck(check);
        }
        EndpointReader.check(spec, sites, databases, endpoints);
        TrafficReader.check(spec, sites, endpoints);
        SiteUse.check(spec);
    }

    private static void checkObjectives(Fields objectives) {
        CommonFields.objectives(objectives);
        Fields scenarios = objectives.at("scenarios");
        Set<String> known = Arrays.stream(Scenario.values()).map(Scenario::id).collect(Collectors.toSet());
        for (String id : scenarios.names()) {
            CommonFields.objectives(scenarios.at(id));
            if (!known.contains(id)) {
                scenarios
                        .at(id)
                        .refuseKey(
                                "UNKNOWN_SCENARIO",
                                "There is no scenario '" + CommonFields.shortened(id) + "'.",
                                Nearest.hint("Known", id, known));
            }
        }
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
                spec.at("drillable").flag().orElse(false),
                tier.objectives().with(CommonFields.objectives(spec.at("objectives"))),
                scenarioObjectives(spec.at("objectives").at("scenarios")),
                spec.at("sites").items().stream()
                        .map(site -> new SystemDescription.Site(
                                site.at("name").required(), CommonFields.objectives(site.at("objectives"))))
                        .toList(),
                spec.at("repositories").items().stream()
                        .map(SystemReader::repository)
                        .toList(),
                spec.at("databases").items().stream()
                        .map(database -> DatabaseReader.read(system, database))
                        .toList(),
                spec.at("checks").items().stream().map(SystemReader::dataCheck).toList(),
                EndpointReader.endpoints(spec),
                TrafficReader.read(spec),
                EndpointReader.workloads(spec));
    }

    private static Map<Scenario, Objectives.Overrides> scenarioObjectives(Fields scenarios) {
        Map<Scenario, Objectives.Overrides> objectives = new EnumMap<>(Scenario.class);
        scenarios.names().forEach(id -> objectives.put(Scenario.of(id), CommonFields.objectives(scenarios.at(id))));
        return objectives;
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
