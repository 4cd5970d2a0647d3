package dev.muster.runbooks.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.runbooks.Problem;
import java.util.Map;

/**
 * One YAML document as JSON, with where everything stands.
 *
 * @param values position of each value, by JSON pointer
 * @param keys position of each field's name, by the JSON pointer of its value
 */
record Document(
        SourceText source, JsonNode json, Map<String, Problem.Position> values, Map<String, Problem.Position> keys) {
    static String child(String pointer, String name) {
        return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    static String child(String pointer, int index) {
        return pointer + "/" + index;
    }

    /** Where a value stands, or the nearest that holds it. */
    Problem.Position position(String pointer) {
        String at = pointer;
        while (!values.containsKey(at) && !at.isEmpty()) {
            at = at.substring(0, at.lastIndexOf('/'));
        }
        return values.getOrDefault(at, new Problem.Position(source.file(), 1, 1));
    }

    /** Where a field's name stands, or its value, or the nearest that holds it. */
    Problem.Position keyPosition(String pointer) {
        Problem.Position key = keys.get(pointer);
        return key == null ? position(pointer) : key;
    }
}
