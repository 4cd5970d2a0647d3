package dev.muster.cli.keys;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Format;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import dev.muster.cli.output.Table.Column;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.keys.LocalKms;
import dev.muster.repository.keys.OfflineKey;
import dev.muster.repository.keys.Rotation;
import dev.muster.repository.keys.SlotDescription;
import dev.muster.repository.keys.WrappingKey;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keys}: lists, gives, takes away and rotates what opens a repository. */
@Command(
        name = "keys",
        description = "Who opens a repository: key files, passphrases, key services; and rotation.",
        mixinStandardHelpOptions = true,
        subcommands = {
            KeysCommand.ListAll.class,
            KeysCommand.Add.class,
            KeysCommand.Revoke.class,
            KeysCommand.Rotate.class,
            KeysCommand.RemoveKey.class,
            KeysCommand.Generate.class,
            KeysCommand.Paper.class,
            HelpCommand.class
        })
public final class KeysCommand {
    private static final int MAX_THREADS = 64;

    /** What the verbs share. */
    private abstract static class Verb implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        final CommandSpec spec() {
            return spec;
        }

        Output out() {
            return new Output(spec, Format.TABLE);
        }

        final ParameterException wrong(String why) {
            return new ParameterException(spec.commandLine(), why);
        }

        @Override
        public final Integer call() {
            carryOut();
            return ExitCode.SUCCESS;
        }

        abstract void carryOut();
    }

    /** What those share that open a repository. */
    private abstract static class RepositoryVerb extends Verb {
        @Mixin
        RepoOptions options = new RepoOptions();

        @Override
        final Output out() {
            return options.output(spec());
        }
    }

    private static ObjectNode document(String name, List<String> values) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode array = json.putArray(name);
        values.forEach(array::add);
        return json;
    }

    /** Shows all slots. */
    @Command(
            name = "list",
            description = {
                "Shows every slot: for which master key, by which method, and whether the keys at hand open it.",
                "With --usage also how many objects each master key encrypts; that reads the head of every object."
            },
            mixinStandardHelpOptions = true)
    static final class ListAll extends RepositoryVerb {
        @Option(names = "--usage", description = "Count the objects under each master key.")
        private boolean usage;

        @Mixin
        private Threads threads = new Threads();

        @Override
        void carryOut() {
            var keys = options.openKeys();
            List<SlotDescription> slots = keys.slots();
            Map<String, Long> use = usage ? keys.use(threads.number(this), threads.progress(out())) : Map.of();
            if (out().json()) {
                out().line(SlotDocument.of(slots, use).toString());
                return;
            }
            Table table = new Table(
                    Column.of("SLOT"),
                    Column.of("SCOPE"),
                    Column.of("STATE"),
                    Column.of("CREATED").optional(1));
            for (SlotDescription slot : slots) {
                table.row(slot.name(), slot.scope().orElse("all"), SlotDocument.state(slot), when(slot));
            }
            out().table(table, "No slots.");
            slots.forEach(slot -> slot.trouble().ifPresent(why -> out().aside(slot.name() + ": " + why)));
            if (usage) {
                slots.stream()
                        .map(SlotDescription::kid)
                        .distinct()
                        .forEach(kid -> out().line(kid + " encrypts " + use.getOrDefault(kid, 0L) + " objects"));
            }
        }

        private String when(SlotDescription slot) {
            try {
                return out().times().withAge(Instant.parse(slot.created()));
            } catch (DateTimeParseException e) {
                return slot.created();
            }
        }
    }

    /** Gives a key slots. */
    @Command(
            name = "add",
            description = {
                "Gives another key a slot for every master key, so that it opens the repository.",
                "The offline key: 'keys generate FILE', 'keys add', 'keys paper FILE', and FILE is deleted."
            },
            mixinStandardHelpOptions = true)
    static final class Add extends RepositoryVerb {
        @Option(
                names = "--new",
                required = true,
                paramLabel = "KEY",
                description = "Who is to open it too: " + RepoOptions.REFERENCE + ".")
        private String added = "";

        @Option(
                names = "--only",
                paramLabel = "KID",
                description = "For this master key only, by its id; may be given several times.")
        private Set<String> only = Set.of();

        @Override
        void carryOut() {
            WrappingKey key = WrappingKey.of(added);
            List<String> made = only.isEmpty()
                    ? options.openKeys().add(key)
                    : options.openKeys().add(key, only);
            if (out().json()) {
                out().line(document("made", made).toString());
                return;
            }
            made.forEach(slot -> out().line("Made " + slot));
            if (made.isEmpty()) {
                out().line("The " + key.description() + " had its slots already.");
            }
        }
    }

    /** Takes a slot away. */
    @Command(
            name = "revoke",
            description = {
                "Deletes a slot. --key must open another slot of the same master key: so it is shown that one works.",
                "Who has had the slot may have kept the master key: if that is a thief, rotate too."
            },
            mixinStandardHelpOptions = true)
    static final class Revoke extends RepositoryVerb {
        @Parameters(
                arity = "1..*",
                paramLabel = "SLOT",
                description = "As 'keys list' shows it: keys/<kid>/<method>-<whose>-<hash>.")
        private List<String> slots = List.of();

        @Override
        void carryOut() {
            var keys = options.openKeys();
            List<String> gone = new ArrayList<>();
            ObjectNode locked = JsonNodeFactory.instance.objectNode();
            for (String slot : slots) {
                Optional<Instant> until = keys.revoke(slot);
                until.ifPresentOrElse(end -> locked.put(slot, end.toString()), () -> gone.add(slot));
                if (!out().json()) {
                    out().line(until.map(end -> "NOT GONE YET: " + slot + " is locked until " + end
                                    + ", and opens until it is gone. Revoke it again after that time.")
                            .orElse("Revoked " + slot));
                }
            }
            if (out().json()) {
                ObjectNode json = document("revoked", gone);
                json.set("locked", locked);
                out().line(json.toString());
            }
        }
    }

    /** Makes a new master key. */
    @Command(
            name = "rotate",
            description = {
                "Makes a new master key for what is written from now on; what is there keeps its own.",
                "Restart the workers of this repository afterwards: a process takes a new key when it opens it again."
            },
            mixinStandardHelpOptions = true)
    static final class Rotate extends RepositoryVerb {
        @Option(
                names = "--also",
                paramLabel = "KEY",
                description = "Who is to open the new master key besides --key; may be given several times.")
        private List<String> also = List.of();

        @Option(names = "--scope", paramLabel = "SOURCE", description = "A master key for this source only.")
        private @Nullable String scope;

        @Option(
                names = "--leave-others-out",
                description = "Those who open today's master key and are not named here are to lose what comes.")
        private boolean leaveOthersOut;

        @Override
        void carryOut() {
            List<WrappingKey> holders = new ArrayList<>(options.keys());
            holders.addAll(RepoOptions.references(also));
            Rotation rotation;
            try {
                rotation = new Rotation(scope, holders, leaveOthersOut);
            } catch (IllegalArgumentException e) {
                throw wrong(String.valueOf(e.getMessage()));
            }
            String kid = options.openKeys().rotate(rotation);
            if (out().json()) {
                out().line(JsonNodeFactory.instance.objectNode().put("key", kid).toString());
                return;
            }
            out().line("Made the master key " + kid + ". Restart the workers that use this repository.");
        }
    }

    /** Removes an old master key. */
    @Command(
            name = "remove-key",
            description = {
                "Removes an old master key that no object needs, with all of its slots. Reads the head of every object.",
                "The oldest master key for all sources and the newest ones stay."
            },
            mixinStandardHelpOptions = true)
    static final class RemoveKey extends RepositoryVerb {
        @Parameters(index = "0", paramLabel = "KID", description = "Its id: 32 hexadecimal digits.")
        private String kid = "";

        @Option(
                names = "--writers-restarted",
                required = true,
                description = "Every process that writes to this repository was restarted since the rotation.")
        private boolean writersRestarted;

        @Mixin
        private Threads threads = new Threads();

        @Override
        void carryOut() {
            if (!writersRestarted) {
                throw wrong(
                        "Restart all writers first: one that still has the old key would write what nobody can read.");
            }
            options.openKeys().removeKey(kid, threads.number(this), threads.progress(out()));
            if (out().json()) {
                out().line(JsonNodeFactory.instance
                        .objectNode()
                        .put("removed", kid)
                        .toString());
                return;
            }
            out().line("Removed the master key " + kid + ".");
        }
    }

    /** Makes a key file. */
    @Command(
            name = "generate",
            description = "Makes a new key file, which opens nothing until it is added.",
            mixinStandardHelpOptions = true)
    static final class Generate extends Verb {
        @Parameters(index = "0", paramLabel = "FILE", description = "Where it is to be, outside of any store.")
        private Path file = Path.of("");

        @Option(names = "--local-kms", description = "The key of a local key service instead.")
        private boolean localKms;

        @Override
        void carryOut() {
            if (localKms) {
                LocalKms.generate(file);
                out().line("Made " + file + ". It is named local-kms:" + file.toAbsolutePath());
            } else {
                KeyFile key = KeyFile.generate(file);
                out().line("Made " + file + ", id " + key.id() + ". It is named file:" + file.toAbsolutePath());
            }
        }
    }

    /** Prints a key file for paper. */
    @Command(
            name = "paper",
            description = {
                "Prints a key file as five short lines for paper: whoever reads them has the key.",
                "Typed into a file again, in whatever editor, they are a key file."
            },
            mixinStandardHelpOptions = true)
    static final class Paper extends Verb {
        @Parameters(index = "0", paramLabel = "FILE", description = "The key file.")
        private Path file = Path.of("");

        @Override
        void carryOut() {
            out().line(OfflineKey.text(KeyFile.read(file)).stripTrailing());
        }
    }

    /** How many requests at once. */
    static final class Threads {
        @Option(
                names = "--threads",
                defaultValue = "8",
                paramLabel = "N",
                description = "Objects that are looked at at once (${DEFAULT-VALUE}).")
        private int threads;

        int number(Verb verb) {
            if (threads < 1 || threads > MAX_THREADS) {
                throw verb.wrong("--threads is 1 to " + MAX_THREADS + ", not " + threads + ".");
            }
            return threads;
        }

        LongConsumer progress(Output out) {
            return objects -> out.aside(objects + " objects looked at");
        }
    }
}
