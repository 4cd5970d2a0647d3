package dev.muster.cli;

import dev.muster.catalog.ApiToken;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.NewToken;
import dev.muster.catalog.Role;
import dev.muster.runbooks.Durations;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster token}: who may use the API, by whoever has the catalogue's credentials. */
@Command(
        name = "token",
        description = "Makes, lists and revokes the API's tokens; needs the catalogue's credentials.",
        mixinStandardHelpOptions = true,
        subcommands = {
            TokenCommand.Create.class,
            TokenCommand.ListAll.class,
            TokenCommand.Revoke.class,
            HelpCommand.class
        })
public final class TokenCommand {
    private static Role role(CommandSpec spec, String id) {
        try {
            return Role.of(id);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** Makes one and prints it, this once. */
    @Command(
            name = "create",
            description = "Makes a token for a subject and prints it. It cannot be shown again.",
            mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {
        private static final Duration LONGEST = Duration.ofDays(3650);

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private CatalogOptions options = new CatalogOptions();

        @Parameters(index = "0", paramLabel = "SUBJECT", description = "Who it is for; a person or a program.")
        private String subject = "";

        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                description = "viewer, operator or approver; may be given several times.")
        private Set<String> roles = Set.of();

        @Option(
                names = "--expires",
                paramLabel = "DURATION",
                description = "When it ends, such as 90d or 12h; without it, when it is revoked.")
        private @Nullable String expires;

        @Override
        public Integer call() {
            if (!subject.matches("[A-Za-z0-9][A-Za-z0-9._@-]{0,199}")) {
                throw new ParameterException(
                        spec.commandLine(),
                        "A subject has letters, digits, dot, minus, underscore and @, not '" + subject + "'.");
            }
            Set<Role> wanted = roles.stream().map(id -> role(spec, id)).collect(Collectors.toUnmodifiableSet());
            Instant end = expires == null ? null : Clock.systemUTC().instant().plus(lasting(expires));
            NewToken made;
            try (Catalog catalog = options.open()) {
                made = catalog.tokens().create(subject, wanted, end);
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println(made.bearer());
            out.flush();
            PrintWriter err = spec.commandLine().getErr();
            err.println("Token " + made.token().id() + " for " + subject + ", roles "
                    + roles.stream().sorted().collect(Collectors.joining(", "))
                    + (end == null ? "" : ", until " + end) + ". Keep it: it is not shown again.");
            err.flush();
            return ExitCode.SUCCESS;
        }

        private Duration lasting(String text) {
            Duration duration = Durations.parse(text).orElse(Duration.ZERO);
            if (duration.isZero() || duration.compareTo(LONGEST) > 0) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--expires is a duration such as 90d or 12h, at most 3650d, not '" + text + "'.");
            }
            return duration;
        }
    }

    /** Shows all but the secrets. */
    @Command(name = "list", description = "Lists the tokens, without their secrets.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private CatalogOptions options = new CatalogOptions();

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            try (Catalog catalog = options.open()) {
                out.printf("%-16s  %-24s  %-26s  %-20s  %s%n", "ID", "SUBJECT", "ROLES", "CREATED", "STATE");
                for (ApiToken token : catalog.tokens().list()) {
                    out.printf(
                            "%-16s  %-24s  %-26s  %-20s  %s%n",
                            token.id(),
                            token.subject(),
                            token.roles().stream().map(Role::id).sorted().collect(Collectors.joining(",")),
                            token.created().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
                            state(token));
                }
            }
            out.flush();
            return ExitCode.SUCCESS;
        }

        private static String state(ApiToken token) {
            if (token.revoked() != null) {
                return "revoked " + token.revoked();
            }
            return token.expires() == null ? "counts" : "counts until " + token.expires();
        }
    }

    /** From now on it counts no more. */
    @Command(name = "revoke", description = "Makes a token count no more, at once.", mixinStandardHelpOptions = true)
    static final class Revoke implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private CatalogOptions options = new CatalogOptions();

        @Parameters(index = "0", paramLabel = "ID", description = "As 'muster token list' shows it.")
        private String id = "";

        @Override
        public Integer call() {
            boolean revoked;
            try (Catalog catalog = options.open()) {
                revoked = catalog.tokens().revoke(id);
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println(revoked ? "Revoked " + id + "." : "There is no token " + id + " that still counts.");
            out.flush();
            return revoked ? ExitCode.SUCCESS : ExitCode.FAILED;
        }
    }
}
