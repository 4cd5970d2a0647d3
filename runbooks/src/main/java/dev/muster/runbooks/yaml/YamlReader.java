package dev.muster.runbooks.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.runbooks.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** YAML text to documents: no aliases, no tags of one's own, no duplicate keys, bounded in size and depth. */
final class YamlReader {
    /** Our deepest field has six; composing is recursive, and a file of brackets would overflow the stack. */
    private static final int DEEPEST = 32;

    /** A longer number is no port, count or transaction id; as text it is refused by its type, at no cost. */
    private static final int LONGEST_NUMBER = 18;

    private final SourceText source;
    private final Consumer<Problem> problems;
    private final Map<String, Problem.Position> values = new HashMap<>();
    private final Map<String, Problem.Position> keys = new HashMap<>();

    private YamlReader(SourceText source, Consumer<Problem> problems) {
        this.source = source;
        this.problems = problems;
    }

    /** The file's documents; those that could not be read are left out, with their problems told. */
    static List<Document> read(SourceText source, Consumer<Problem> problems) {
        if (source.text().length() > SourceText.LARGEST) {
            problems.accept(SourceText.tooLarge().at(Optional.of(new Problem.Position(source.file(), 1, 1))));
            return List.of();
        }
        LoadSettings settings = LoadSettings.builder()
                .setLabel(source.file())
                .setCodePointLimit(SourceText.LARGEST + 1)
                .setUseMarks(true)
                .setAllowNonScalarKeys(true)
                .build();
        List<Document> documents = new ArrayList<>();
        try {
            if (!scan(source, settings, problems)) {
                return List.of();
            }
            for (Node node : new Compose(settings).composeAllFromString(source.text())) {
                if (node.getTag().equals(Tag.NULL)) {
                    continue;
                }
                YamlReader reader = new YamlReader(source, problems);
                JsonNode json = reader.convert(node, "", "");
                documents.add(new Document(source, json, reader.values, reader.keys));
            }
        } catch (YamlEngineException e) {
            problems.accept(notYaml(source, e));
            return List.of();
        }
        if (documents.isEmpty()) {
            problems.accept(new Problem(
                    "EMPTY_FILE",
                    "The file holds no document.",
                    "Is it the right file? A document starts with apiVersion: muster/v1.",
                    Optional.of(new Problem.Position(source.file(), 1, 1)),
                    ""));
        }
        return documents;
    }

    /** What must not be composed at all; by events, which need neither memory nor stack. */
    private static boolean scan(SourceText source, LoadSettings settings, Consumer<Problem> problems) {
        int depth = 0;
        for (Event event : new Parse(settings).parseString(source.text())) {
            switch (event.getEventId()) {
                case Alias -> {
                    problems.accept(new Problem(
                            "YAML_ALIAS",
                            "A YAML alias is not allowed.",
                            "Write the value out: a few aliases can stand for millions of values.",
                            position(source, event.getStartMark()),
                            ""));
                    return false;
                }
                case SequenceStart, MappingStart -> depth++;
                case SequenceEnd, MappingEnd -> depth--;
                case StreamStart, StreamEnd, DocumentStart, DocumentEnd, Scalar, Comment -> {}
            }
            if (depth > DEEPEST) {
                problems.accept(new Problem(
                        "YAML_TOO_DEEP",
                        "Nested deeper than " + DEEPEST + " levels.",
                        "Is it the right file? Ours need six.",
                        position(source, event.getStartMark()),
                        ""));
                return false;
            }
        }
        return true;
    }

    private static Optional<Problem.Position> position(SourceText source, Optional<Mark> mark) {
        return Optional.of(mark.map(at -> new Problem.Position(source.file(), at.getLine() + 1, at.getColumn() + 1))
                .orElseGet(() -> new Problem.Position(source.file(), 1, 1)));
    }

    private static Problem notYaml(SourceText source, YamlEngineException e) {
        Optional<Problem.Position> position = Optional.of(new Problem.Position(source.file(), 1, 1));
        String why = "it cannot be read";
        if (e instanceof MarkedYamlEngineException marked) {
            position = position(source, marked.getProblemMark().or(marked::getContextMark));
            String problem = String.valueOf(marked.getProblem());
            // These repeat what stands in the file, which may be a secret.
            why = problem.contains("tag") || problem.contains("anchor") || problem.contains("alias")
                    ? "a tag or anchor is not right"
                    : problem;
        } else if (e instanceof ReaderException reader) {
            position = Optional.of(at(source, reader.getPosition()));
            why = "a character is not allowed (U+" + Integer.toHexString(reader.getCodePoint()) + ")";
        }
        return new Problem(
                "NOT_YAML",
                "This is not YAML: " + why + ".",
                "Check indentation, quotes and colons at and just above this line.",
                position,
                "");
    }

    /** @param index in code points */
    private static Problem.Position at(SourceText source, int index) {
        String before = source.text()
                .substring(
                        0,
                        source.text()
                                .offsetByCodePoints(
                                        0,
                                        Math.min(
                                                Math.max(0, index),
                                                source.text()
                                                        .codePointCount(
                                                                0, source.text().length()))));
        int line = (int) before.chars().filter(character -> character == '\n').count();
        return new Problem.Position(source.file(), line + 1, before.length() - before.lastIndexOf('\n'));
    }

    private JsonNode convert(Node node, String pointer, String field) {
        position(source, node.getStartMark()).ifPresent(at -> values.put(pointer, at));
        if (node instanceof MappingNode mapping && mapping.getTag().equals(Tag.MAP)) {
            return mapping(mapping, pointer, field);
        }
        if (node instanceof SequenceNode sequence && sequence.getTag().equals(Tag.SEQ)) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (Node item : sequence.getValue()) {
                int index = array.size();
                array.add(convert(item, Document.child(pointer, index), field + "[" + index + "]"));
            }
            return array;
        }
        if (node instanceof ScalarNode scalar) {
            Optional<JsonNode> value = scalar(scalar);
            if (value.isPresent()) {
                return value.get();
            }
        }
        problems.accept(new Problem(
                "YAML_TAG",
                "A YAML tag that is not used here.",
                "Leave the tag (the word that starts with '!') out.",
                position(source, node.getStartMark()),
                field));
        return JsonNodeFactory.instance.nullNode();
    }

    private ObjectNode mapping(MappingNode mapping, String pointer, String field) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (NodeTuple tuple : mapping.getValue()) {
            Optional<Problem.Position> at = position(source, tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.accept(new Problem(
                        "NOT_A_FIELD_NAME",
                        "A list or a mapping stands where a field's name is expected.",
                        "Is a value in braces missing its quotes?",
                        at,
                        field));
                continue;
            }
            String name = key.getValue();
            String child = Document.child(pointer, name);
            String childField = field.isEmpty() ? name : field + "." + name;
            if (object.has(name)) {
                problems.accept(new Problem(
                        "DUPLICATE_FIELD",
                        "The field stands twice; first at line "
                                + keys.getOrDefault(child, at.orElseThrow()).line() + ".",
                        "Take one of them out.",
                        at,
                        childField));
                continue;
            }
            at.ifPresent(position -> keys.put(child, position));
            object.set(name, convert(tuple.getValueNode(), child, childField));
        }
        return object;
    }

    /** Empty if the scalar's tag is none of JSON's types, or its text is not of that type. */
    private static Optional<JsonNode> scalar(ScalarNode scalar) {
        String text = scalar.getValue();
        Tag tag = scalar.getTag();
        JsonNodeFactory factory = JsonNodeFactory.instance;
        try {
            if (tag.equals(Tag.STR)) {
                return Optional.of(factory.textNode(text));
            } else if (tag.equals(Tag.NULL)) {
                return Optional.of(factory.nullNode());
            } else if (tag.equals(Tag.BOOL)) {
                return text.equals("true") || text.equals("false")
                        ? Optional.of(factory.booleanNode(text.equals("true")))
                        : Optional.empty();
            } else if (tag.equals(Tag.INT)) {
                return Optional.of(
                        text.length() > LONGEST_NUMBER
                                ? factory.textNode(text)
                                : factory.numberNode(Long.parseLong(text)));
            } else if (tag.equals(Tag.FLOAT)) {
                double number = text.length() > LONGEST_NUMBER ? Double.NaN : Double.parseDouble(text);
                return Optional.of(Double.isFinite(number) ? factory.numberNode(number) : factory.textNode(text));
            }
        } catch (NumberFormatException e) {
            // .inf, .nan, or an explicit tag on something that is no number.
            return tag.equals(Tag.FLOAT) ? Optional.of(factory.textNode(text)) : Optional.empty();
        }
        return Optional.empty();
    }
}
