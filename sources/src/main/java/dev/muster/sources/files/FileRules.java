package dev.muster.sources.files;

import dev.muster.repository.EntryPath;
import dev.muster.sources.SourceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What of a tree is backed up. The rule that matches nearest to a file decides: one that matches the file itself before
 * one that matches its directory, and so on up; without any, the file is in. At one place an include goes before an
 * exclude, so the order of rules means nothing.
 */
public final class FileRules {
    /** Obvious places of secrets: a backup of a tree is read by more people than the tree. */
    public static final List<String> SECRETS = List.of(
            "*.key",
            "*.p12",
            "*.pfx",
            "*.jks",
            "*.keystore",
            "*.kdbx",
            "*.private.jwk",
            "*-key.pem",
            "*privkey*.pem",
            "id_rsa",
            "id_dsa",
            "id_ecdsa",
            "id_ed25519",
            ".env",
            ".env.*",
            ".pgpass",
            ".netrc",
            ".git-credentials",
            ".vault-token",
            ".muster-token",
            "**/.aws/credentials",
            "**/.kube/config",
            "**/.docker/config.json");

    private static final int MAX_FILE = 1 << 20;

    /** What a rule says of a path. */
    public enum Say {
        IN,
        OUT,
        /** Out, because it looks like a secret. */
        SECRET
    }

    private final List<Glob> includes = new ArrayList<>();
    private final List<Glob> excludes = new ArrayList<>();
    private final List<Glob> secrets = new ArrayList<>();

    private FileRules() {}

    /** Everything but secrets. */
    public static FileRules defaults() {
        return of(List.of(), List.of(), false);
    }

    /**
     * @param withSecrets take what {@link #SECRETS} matches, too
     * @throws SourceException RULES_INVALID
     */
    public static FileRules of(List<String> includes, List<String> excludes, boolean withSecrets) {
        FileRules rules = new FileRules();
        includes.forEach(one -> rules.includes.add(glob(one, "--include")));
        excludes.forEach(one -> rules.excludes.add(glob(one, "--exclude")));
        if (!withSecrets) {
            SECRETS.forEach(one -> rules.secrets.add(glob(one, "secrets")));
        }
        return rules;
    }

    /**
     * The same with the rules of a file: lines {@code include PATTERN} and {@code exclude PATTERN}; empty ones and those
     * that begin with # count for nothing.
     *
     * @throws SourceException RULES_INVALID naming the line, RULES_UNREADABLE
     */
    public FileRules with(Path file) {
        FileRules all = new FileRules();
        all.includes.addAll(includes);
        all.excludes.addAll(excludes);
        all.secrets.addAll(secrets);
        int number = 0;
        for (String line : lines(file)) {
            number++;
            String where = file + " line " + number;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("include ")) {
                all.includes.add(glob(line.substring("include ".length()), where));
            } else if (line.startsWith("exclude ")) {
                all.excludes.add(glob(line.substring("exclude ".length()), where));
            } else {
                throw invalid(where, "it begins neither with 'include ' nor with 'exclude '");
            }
        }
        return all;
    }

    private static List<String> lines(Path file) {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw invalid(file.toString(), "it has more than " + MAX_FILE + " bytes");
            }
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new SourceException(
                    "RULES_UNREADABLE",
                    "The file of rules " + file + " cannot be read: " + e,
                    "Is the path right, may you read it, is it UTF-8?",
                    e);
        }
    }

    private static Glob glob(String pattern, String where) {
        try {
            return Glob.of(pattern);
        } catch (IllegalArgumentException e) {
            throw invalid(where, "'" + pattern + "': " + e.getMessage());
        }
    }

    private static SourceException invalid(String where, String why) {
        return new SourceException(
                "RULES_INVALID",
                "A rule for files cannot be understood: " + where + ": " + why,
                "docs/reference/repo.md says what patterns mean. Nothing was read or stored.");
    }

    /** @param above what was said of its directory */
    public Say say(EntryPath path, boolean directory, Say above) {
        List<String> parts = parts(path);
        if (any(includes, parts, directory)) {
            return Say.IN;
        }
        if (any(excludes, parts, directory)) {
            return Say.OUT;
        }
        return any(secrets, parts, directory) ? Say.SECRET : above;
    }

    /** Whether something below a directory that is out may be in. */
    public boolean mayIncludeBelow(EntryPath path) {
        List<String> parts = parts(path);
        return includes.stream().anyMatch(glob -> glob.mayMatchBelow(parts));
    }

    private static boolean any(List<Glob> globs, List<String> parts, boolean directory) {
        for (Glob glob : globs) {
            if (glob.matches(parts, directory)) {
                return true;
            }
        }
        return false;
    }

    /** Names that are not UTF-8 are compared byte by byte. */
    private static List<String> parts(EntryPath path) {
        return List.of(path.text()
                .orElseGet(() -> new String(path.bytes(), StandardCharsets.ISO_8859_1))
                .split("/", -1));
    }
}
