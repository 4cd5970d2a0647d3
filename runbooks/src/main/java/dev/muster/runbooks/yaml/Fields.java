package dev.muster.runbooks.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.lookup.MentionedHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A field of a document, present or not, of the right type or not: what its type makes wrong the schema has told
 * already, so that a reader here only looks at what is as it should be.
 */
final class Fields {
    private final Document document;
    private final Findings findings;
    private final JsonNode node;
    private final String pointer;
    private final String field;

    private Fields(Document document, Findings findings, JsonNode node, String pointer, String field) {
        this.document = document;
        this.findings = findings;
        this.node = node;
        this.pointer = pointer;
        this.field = field;
    }

    static Fields of(Document document, Consumer<Problem> problems) {
        return of(document, Findings.of(problems));
    }

    static Fields of(Document document, Findings findings) {
        return new Fields(document, findings, document.json(), "", "");
    }

    Fields at(String name) {
        return new Fields(
                document,
                findings,
                node.path(name),
                Document.child(pointer, name),
                field.isEmpty() ? name : field + "." + name);
    }

    List<Fields> items() {
        List<Fields> items = new ArrayList<>();
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                items.add(
                        new Fields(document, findings, node.get(i), Document.child(pointer, i), field + "[" + i + "]"));
            }
        }
        return items;
    }

    boolean isList() {
        return node.isArray();
    }

    /** The names of the fields that are written here. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Written at all, be it with the wrong type. */
    boolean written() {
        return !node.isMissingNode();
    }

    Optional<String> text() {
        return node.isTextual() ? Optional.of(node.textValue()) : Optional.empty();
    }

    Optional<Long> whole() {
        return node.isIntegralNumber() ? Optional.of(node.longValue()) : Optional.empty();
    }

    Optional<Boolean> flag() {
        return node.isBoolean() ? Optional.of(node.booleanValue()) : Optional.empty();
    }

    /** For a field that the schema requires, once there are no problems. */
    String required() {
        return text().orElseThrow(() -> new IllegalStateException(field + " was not validated"));
    }

    /** Tells a problem with the value. */
    void refuse(String code, String message, String hint) {
        findings.problems().accept(new Problem(code, message, hint, Optional.of(document.position(pointer)), field));
    }

    /** Tells a problem with the field's being there. */
    void refuseKey(String code, String message, String hint) {
        findings.problems().accept(new Problem(code, message, hint, Optional.of(document.keyPosition(pointer)), field));
    }

    /** Tells what is right and may yet surprise. */
    void warn(String code, String message, String hint) {
        findings.warnings().add(new Problem(code, message, hint, Optional.of(document.position(pointer)), field));
    }

    /** Tells of a host that this field names. */
    void mention(String host) {
        findings.hosts().add(new MentionedHost(host, document.position(pointer), field));
    }
}
