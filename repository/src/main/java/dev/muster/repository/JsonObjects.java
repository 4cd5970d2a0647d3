package dev.muster.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.EncryptedObject;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.encryption.EncryptingWriter;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.encryption.SegmentCipher;
import java.nio.charset.StandardCharsets;

/** Small encrypted objects that hold one JSON document: COMMIT, leases and marks. */
public final class JsonObjects {
    /** For all JSON of the format: strict about what it reads. */
    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** In bytes. */
    private static final int MAX_SIZE = 1 << 20;

    private final EncryptedStore objects;

    public JsonObjects(EncryptedStore objects) {
        this.objects = objects;
    }

    /**
     * Parses what it is about to write before it writes, so that nothing is stored that no reader takes.
     *
     * @return the value as a reader gets it
     * @throws dev.muster.storage.ObjectExistsException if the key is taken
     * @throws RepositoryException OBJECT_TOO_LARGE
     */
    public <T> T create(String key, ObjectType type, T value, Class<T> form) {
        byte[] bytes;
        T parsed;
        try {
            String text = JSON.writeValueAsString(value);
            bytes = text.getBytes(StandardCharsets.UTF_8);
            parsed = JSON.readValue(text, form);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("What is to be stored as " + key + " cannot be JSON", e);
        }
        if (bytes.length > MAX_SIZE) {
            throw new RepositoryException(
                    "OBJECT_TOO_LARGE",
                    "The object " + key + " would have " + bytes.length + " bytes; " + MAX_SIZE + " are allowed.",
                    "Put less into the backup's summary.");
        }
        try (EncryptingWriter writer = objects.create(key, type, new SegmentCipher())) {
            writer.write(bytes, 0, bytes.length);
            writer.commit();
            return parsed;
        }
    }

    /** @throws RepositoryException OBJECT_DAMAGED */
    public <T> T read(String key, ObjectType type, Class<T> form) {
        EncryptedObject object = objects.open(key, type);
        if (object.size() == 0 || object.size() > MAX_SIZE) {
            throw Damage.of(key, "it has " + object.size() + " bytes of content");
        }
        byte[] bytes = new byte[(int) object.size()];
        object.read(0, bytes, 0, bytes.length);
        try {
            return JSON.readValue(new String(bytes, StandardCharsets.UTF_8), form);
        } catch (JsonProcessingException e) {
            throw Damage.of(key, "its content is not what this program reads: " + e.getOriginalMessage(), e);
        }
    }
}
