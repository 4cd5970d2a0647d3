package dev.muster.runbooks.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import org.erdtman.jcs.JsonCanonicalizer;
import org.jspecify.annotations.Nullable;

/** RFC 8785: one way only to write a value, so that a hash over the bytes is a hash over the meaning. */
final class CanonicalJson {
    /** Beyond it a double no longer tells two whole numbers apart, and RFC 8785 has only doubles. */
    private static final long LARGEST_WHOLE = (1L << 53) - 1;

    static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .defaultPropertyInclusion(JsonInclude.Value.ALL_NON_NULL)
            // A field that this version does not know may be the one that forbids what it is about to do.
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private CanonicalJson() {}

    /** @throws IllegalArgumentException for numbers that RFC 8785 cannot carry exactly */
    static byte[] write(Object value) {
        JsonNode tree = MAPPER.valueToTree(value);
        refuseInexact(tree);
        try {
            return new JsonCanonicalizer(MAPPER.writeValueAsString(tree)).getEncodedUTF8();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Cannot be written as JSON", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("Cannot be written as canonical JSON", e);
        }
    }

    private static void refuseInexact(JsonNode node) {
        if (node.isNumber()
                && !(node.isIntegralNumber()
                        && node.canConvertToLong()
                        && node.longValue() <= LARGEST_WHOLE
                        && node.longValue() >= -LARGEST_WHOLE)) {
            throw new IllegalArgumentException("Not a whole number of at most 53 bits: " + node);
        }
        node.forEach(CanonicalJson::refuseInexact);
    }

    /**
     * Refuses records that lack what they must have; JSON has no other way to say that a field was left out.
     *
     * @throws IllegalArgumentException that names the first field
     */
    static void refuseNulls(@Nullable Object value) {
        if (value instanceof List<?> list) {
            list.forEach(CanonicalJson::refuseNulls);
        } else if (value instanceof Record) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                Object field = field(component, value);
                if (field == null && !component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                    throw new IllegalArgumentException(
                            value.getClass().getSimpleName() + " has no " + component.getName());
                }
                refuseNulls(field);
            }
        }
    }

    private static @Nullable Object field(RecordComponent component, Object value) {
        try {
            return component.getAccessor().invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("A record's own accessor cannot be called", e);
        }
    }
}
