package dev.muster.cli.context;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The file of contexts. Only its owner may write it: whoever can change an address in it gets the token sent to that
 * address.
 */
public final class ContextFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SCHEMA = 1;
    private static final long LARGEST = 1024 * 1024;
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private final Path file;

    public ContextFile(Path file) {
        this.file = file;
    }

    /** The given file, else the one in $MUSTER_CONFIG, else {@code ~/.config/muster/contexts.json}. */
    static ContextFile of(@Nullable Path given, Map<String, String> environment) {
        if (given != null) {
            return new ContextFile(given);
        }
        String configured = environment.get("MUSTER_CONFIG");
        if (configured != null && !configured.isEmpty()) {
            return new ContextFile(Path.of(configured));
        }
        return new ContextFile(Path.of(System.getProperty("user.home"), ".config", "muster", "contexts.json"));
    }

    Path path() {
        return file;
    }

    /**
     * None, if there is no file.
     *
     * @throws CliException CONTEXTS_UNREADABLE, CONTEXTS_UNSAFE
     */
    Contexts read() {
        try {
            if (!Files.exists(file)) {
                return Contexts.NONE;
            }
            if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS_WRITE::contains)) {
                throw new CliException(
                        "CONTEXTS_UNSAFE",
                        file + " can be written by others, who could have your token sent to themselves.",
                        "Look at what stands in it, then: chmod 600 " + file,
                        ExitCode.BAD_INPUT);
            }
            if (Files.size(file) > LARGEST) {
                throw unreadable("it is larger than " + LARGEST + " bytes", null);
            }
            return parse(JSON.readTree(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw unreadable(e.getClass().getSimpleName().contains("Json") ? "it is no JSON" : "I/O error", e);
        }
    }

    private Contexts parse(JsonNode document) {
        if (document.path("schema").asInt() != SCHEMA
                || !document.path("contexts").isObject()) {
            throw unreadable("it is of another version, or none of ours", null);
        }
        Map<String, Context> byName = new TreeMap<>();
        document.path("contexts").properties().forEach(entry -> {
            JsonNode context = entry.getValue();
            JsonNode authorities = context.path("ca");
            byName.put(
                    entry.getKey(),
                    new Context(
                            entry.getKey(),
                            ApiAddress.parse(
                                    context.path("api").asText(),
                                    context.path("plainHttp").asBoolean()),
                            new TokenReference(context.path("token").asText()),
                            authorities.isTextual() ? Path.of(authorities.textValue()) : null));
        });
        // One that names no context any more, as after an edit by hand, is none.
        String current = Optional.of(document.path("current"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .filter(byName::containsKey)
                .orElse(null);
        return new Contexts(current, byName);
    }

    /** At once or not at all. */
    void write(Contexts contexts) throws IOException {
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path temporary = Files.createTempFile(
                folder,
                ".contexts",
                ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.write(temporary, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json(contexts)));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    static ObjectNode json(Contexts contexts) {
        ObjectNode document = JSON.createObjectNode();
        document.put("schema", SCHEMA);
        document.put("current", contexts.current());
        ObjectNode all = document.putObject("contexts");
        contexts.byName().forEach((name, context) -> all.set(name, json(context)));
        return document;
    }

    static ObjectNode json(Context context) {
        ObjectNode json = JSON.createObjectNode();
        json.put("api", context.api().toString());
        json.put("token", context.token().text());
        Path authorities = context.authorities();
        if (authorities != null) {
            json.put("ca", authorities.toString());
        }
        if (context.api().plainHttp()) {
            json.put("plainHttp", true);
        }
        return json;
    }

    private CliException unreadable(String why, @Nullable Throwable cause) {
        return new CliException(
                "CONTEXTS_UNREADABLE",
                "The file of contexts " + file + " cannot be read: " + why + ".",
                "May this user read it? Mend it, or move it away and add the contexts again.",
                ExitCode.BAD_INPUT,
                List.of(),
                cause);
    }
}
