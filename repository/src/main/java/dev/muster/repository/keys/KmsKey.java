package dev.muster.repository.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.encryption.Secret;
import dev.muster.repository.frames.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A key that a service keeps: who may use it, and when, is decided and recorded there. */
public final class KmsKey extends WrappingKey {
    private final KeyManagement service;

    public KmsKey(KeyManagement service) {
        this.service = service;
    }

    @Override
    public String method() {
        return service.method();
    }

    @Override
    public String description() {
        return service.description();
    }

    @Override
    public List<Path> files() {
        return service.files();
    }

    @Override
    boolean mayOpen(KeySlot slot) {
        return slot.method().equals(service.method())
                && service.isKey(slot.fields().path("key").asText());
    }

    @Override
    boolean certain() {
        return true;
    }

    @Override
    String label(ObjectNode fields) {
        byte[] name = fields.path("key").asText().getBytes(StandardCharsets.UTF_8);
        return Sha256.hash(name).toString().substring(0, 16);
    }

    @Override
    void wrap(ObjectNode fields, Secret master, SlotBinding binding) {
        byte[] wrapped = service.encrypt(master.bytes(), binding.context());
        fields.put("key", service.key()).put("wrapped", HexFormat.of().formatHex(wrapped));
    }

    @Override
    Optional<Secret> unwrap(ObjectNode fields, SlotBinding binding) {
        byte[] wrapped;
        try {
            wrapped = HexFormat.of().parseHex(fields.path("wrapped").asText());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return service.decrypt(wrapped, binding.context())
                .filter(plain -> plain.length == Secret.LENGTH)
                .map(Secret::new);
    }
}
