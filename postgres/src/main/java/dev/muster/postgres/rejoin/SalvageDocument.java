package dev.muster.postgres.rejoin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.time.Instant;
import java.util.function.Function;

/** Reports and small records as JSON: positions as PostgreSQL writes them, times in ISO 8601. */
final class SalvageDocument {
    static final ObjectMapper JSON = new ObjectMapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .registerModule(new SimpleModule()
                    .addSerializer(Lsn.class, ToStringSerializer.instance)
                    .addSerializer(Instant.class, ToStringSerializer.instance)
                    .addDeserializer(Lsn.class, new FromText<>(Lsn.class, Lsn::parse))
                    .addDeserializer(Instant.class, new FromText<>(Instant.class, Instant::parse)));

    private static final class FromText<T> extends FromStringDeserializer<T> {
        private static final long serialVersionUID = 1;

        @SuppressWarnings("serial") // Never serialised: Jackson's base class is Serializable.
        private final Function<String, T> parse;

        FromText(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        protected T _deserialize(String value, DeserializationContext context) {
            return parse.apply(value);
        }
    }

    private SalvageDocument() {}

    static byte[] write(Object document) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A record that cannot be written as JSON", e);
        }
    }

    /** @throws PostgresException SALVAGE_UNREADABLE */
    static <T> T read(byte[] content, Class<T> type, String where) {
        try {
            return JSON.readValue(content, type);
        } catch (IOException e) {
            throw new PostgresException(
                    "SALVAGE_UNREADABLE",
                    where + " cannot be understood: " + e.getMessage(),
                    "Was it written by a newer Muster? The WAL beside it can be read all the same.",
                    e);
        }
    }
}
