package dev.muster.repository.encryption;

import dev.muster.repository.RepositoryException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The plaintext head of an encrypted object, and what is bound into its encryption. See docs/format/encryption.md.
 *
 * @param kid 32 lower-case hexadecimal digits
 */
record Envelope(ObjectType type, String kid) {
    /** In bytes. */
    static final int LENGTH = 24;

    private static final int MAGIC = 0x4D535452; // "MSTR"
    private static final int VERSION = 1;
    private static final int TYPE = 5;

    byte[] toBytes() {
        return ByteBuffer.allocate(LENGTH)
                .putInt(MAGIC)
                .put((byte) VERSION)
                .put((byte) type.code())
                .putShort((short) 0)
                .put(HexFormat.of().parseHex(kid))
                .array();
    }

    /** @throws RepositoryException OBJECT_DAMAGED, FORMAT_UNKNOWN */
    static Envelope parse(String key, byte[] bytes, ObjectType expected) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        if (buffer.getInt() != MAGIC) {
            throw Damage.of(key, "it does not begin with MSTR");
        }
        int version = buffer.get() & 0xFF;
        if (version != VERSION) {
            throw new RepositoryException(
                    "FORMAT_UNKNOWN",
                    "The object " + key + " has version " + version + " of the envelope; this program reads " + VERSION
                            + ".",
                    "Use a newer Muster, or, if none wrote here, verify the store: the object may be damaged.");
        }
        int type = buffer.get() & 0xFF;
        if (type != expected.code()) {
            throw Damage.of(
                    key,
                    "it says it has type " + type + ", not " + expected.code() + " (" + expected.label()
                            + ") as its name says");
        }
        if (buffer.getShort() != 0) {
            throw Damage.of(key, "reserved bytes of its envelope are not zero");
        }
        byte[] kid = new byte[16];
        buffer.get(kid);
        return new Envelope(expected, HexFormat.of().formatHex(kid));
    }

    /**
     * The key id of an object of any type.
     *
     * @throws RepositoryException OBJECT_DAMAGED, FORMAT_UNKNOWN
     */
    static String kid(String key, byte[] bytes) {
        ObjectType type = ObjectType.of(bytes[TYPE] & 0xFF)
                .orElseThrow(() -> Damage.of(key, "it begins like no object of a repository"));
        return parse(key, bytes, type).kid();
    }

    /** Ties the ciphertext to its repository, type, place and key: moved or renamed, it does not decrypt. */
    byte[] associatedData(String repositoryId, String key) {
        return String.join("\n", "muster-object", "1", repositoryId, type.label(), key, kid)
                .getBytes(StandardCharsets.UTF_8);
    }
}
