package dev.muster.runbooks.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import dev.muster.runbooks.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The published JSON schema of one kind of document, and its findings in words that say what to write instead. */
final class SchemaCheck {
    private static final int LONGEST_ECHO = 60;

    private final JsonNode definition;
    private final Schema schema;

    /** @param resource below {@code schema/} beside the packages */
    SchemaCheck(String resource) {
        try (InputStream in = SchemaCheck.class.getResourceAsStream("/dev/muster/runbooks/schema/" + resource)) {
            if (in == null) {
                throw new IllegalStateException("The schema " + resource + " is not in this build");
            }
            definition = new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(definition);
        schema.initializeValidators();
    }

    JsonNode definition() {
        return definition;
    }

    void check(Document document, Consumer<Problem> problems) {
        Set<String> wrongType = new HashSet<>();
        List<Error> errors = new ArrayList<>(schema.validate(document.json()));
        for (Error error : errors) {
            if (error.getKeyword().equals("type")) {
                wrongType.add(pointer(error.getInstanceLocation()));
            }
        }
        Set<String> told = new HashSet<>();
        for (Error error : errors) {
            String pointer = pointer(error.getInstanceLocation());
            // Of the wrong type and also not among the values: one problem, not two.
            if (error.getKeyword().equals("type") || !wrongType.contains(pointer)) {
                Problem problem = problem(document, error, pointer);
                if (told.add(problem.toString())) {
                    problems.accept(problem);
                }
            }
        }
    }

    private static String pointer(NodePath path) {
        String pointer = "";
        for (int i = 0; i < path.getNameCount(); i++) {
            pointer = Document.child(pointer, String.valueOf(path.getElement(i)));
        }
        return pointer;
    }

    private static String field(NodePath path) {
        StringBuilder field = new StringBuilder();
        for (int i = 0; i < path.getNameCount(); i++) {
            Object element = path.getElement(i);
            if (element instanceof Integer) {
                field.append('[').append(element).append(']');
            } else {
                field.append(field.isEmpty() ? "" : ".").append(element);
            }
        }
        return field.toString();
    }

    private Problem problem(Document document, Error error, String pointer) {
        String field = field(error.getInstanceLocation());
        JsonNode rule = at(error.getSchemaLocation().getFragment(), 0);
        JsonNode owner = at(error.getSchemaLocation().getFragment(), 1);
        JsonNode value = document.json().at(pointer);
        Optional<Problem.Position> position = Optional.of(document.position(pointer));
        String name = String.valueOf(error.getProperty());
        return switch (error.getKeyword()) {
            case "additionalProperties" ->
                new Problem(
                        "UNKNOWN_FIELD",
                        "There is no such field here.",
                        Nearest.hint("Known", name, names(owner.path("properties"))),
                        Optional.of(document.keyPosition(Document.child(pointer, name))),
                        join(field, name));
            case "required" ->
                new Problem(
                        "MISSING_FIELD",
                        "The field is missing.",
                        "Add it" + describe(property(error, owner, name)) + ".",
                        position,
                        join(field, name));
            case "type" -> wrongType(value, rule, owner, position, field);
            case "enum", "const" -> notAllowed(value, rule, owner, position, field);
            default ->
                new Problem(
                        "BAD_VALUE",
                        "The value " + echo(value, owner) + "is not right" + limit(error.getKeyword(), rule) + ".",
                        "Expected" + (describe(owner).isEmpty() ? " another value" : describe(owner)) + ".",
                        position,
                        field);
        };
    }

    /** What a field should be; a condition (else) says only that it is needed, the schema around it says what it is. */
    private JsonNode property(Error error, JsonNode owner, String name) {
        JsonNode property = owner.path("properties").path(name);
        return property.isMissingNode()
                ? at(error.getSchemaLocation().getFragment(), 2)
                        .path("properties")
                        .path(name)
                : property;
    }

    private Problem wrongType(
            JsonNode value, JsonNode rule, JsonNode owner, Optional<Problem.Position> position, String field) {
        String expected = word(rule.asText());
        String description = resolve(owner).path("description").asText();
        String wanted = description.isEmpty() ? expected : description;
        if (value.isNull()) {
            return new Problem("MISSING_VALUE", "The field has no value.", "Write " + wanted + ".", position, field);
        }
        boolean quote = rule.asText().equals("string") && value.isValueNode();
        boolean unquote = rule.asText().equals("integer") && value.isTextual();
        return new Problem(
                "WRONG_TYPE",
                "Expected " + expected + ", found " + word(type(value)) + ".",
                "Write " + wanted + (quote ? ", in quotes." : unquote ? ", without quotes." : "."),
                position,
                field);
    }

    private static Problem notAllowed(
            JsonNode value, JsonNode rule, JsonNode owner, Optional<Problem.Position> position, String field) {
        List<String> allowed = new ArrayList<>();
        if (rule.isArray()) {
            rule.forEach(each -> allowed.add(each.asText()));
        } else {
            allowed.add(rule.asText());
        }
        return new Problem(
                "VALUE_NOT_ALLOWED",
                "The value " + echo(value, owner) + "is not one of: " + String.join(", ", allowed) + ".",
                Nearest.of(value.asText(), allowed)
                        .map(nearest -> "Did you mean '" + nearest + "'?")
                        .orElse("Write one of these."),
                position,
                field);
    }

    /** Never the value of a field that holds a secret's reference: it may be the secret. */
    private static String echo(JsonNode value, JsonNode owner) {
        String text = value.isValueNode() ? value.asText() : "";
        return text.isEmpty()
                        || text.length() > LONGEST_ECHO
                        || owner.path("writeOnly").asBoolean()
                ? ""
                : "'" + text.replaceAll("\\p{Cntrl}", "?") + "' ";
    }

    private static String limit(String keyword, JsonNode rule) {
        return switch (keyword) {
            case "minimum" -> ": the least is " + rule.asText();
            case "maximum" -> ": the most is " + rule.asText();
            case "minLength" ->
                rule.asInt() == 1 ? ": it is empty" : ": the least are " + rule.asText() + " characters";
            case "maxLength" -> ": the most are " + rule.asText() + " characters";
            case "minItems", "minProperties" -> ": it is empty";
            case "maxItems" -> ": the most are " + rule.asText();
            case "uniqueItems" -> ": something stands twice in it";
            default -> "";
        };
    }

    private String describe(JsonNode owner) {
        JsonNode described = resolve(owner);
        String description = described.path("description").asText();
        return description.isEmpty() ? "" : ": " + description;
    }

    private JsonNode resolve(JsonNode owner) {
        String reference = owner.path("$ref").asText();
        return reference.startsWith("#/") ? definition.at(reference.substring(1)) : owner;
    }

    private static List<String> names(JsonNode properties) {
        List<String> names = new ArrayList<>();
        properties.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String join(String field, String name) {
        return field.isEmpty() ? name : field + "." + name;
    }

    /** The part of the schema at a fragment, without its last elements, references followed. */
    private JsonNode at(NodePath fragment, int without) {
        JsonNode node = definition;
        for (int i = 0; i < fragment.getNameCount() - without; i++) {
            Object element = fragment.getElement(i);
            node = element instanceof Integer index ? node.path(index) : node.path(String.valueOf(element));
            if (node.isMissingNode()) {
                return node;
            }
        }
        return node;
    }

    private static String type(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> "string";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            case BOOLEAN -> "boolean";
            case ARRAY -> "array";
            case OBJECT -> "object";
            default -> "null";
        };
    }

    private static String word(String type) {
        return switch (type) {
            case "string" -> "a text";
            case "integer" -> "a whole number";
            case "number" -> "a number";
            case "boolean" -> "true or false";
            case "array" -> "a list";
            case "object" -> "a mapping of fields";
            default -> "nothing";
        };
    }
}
