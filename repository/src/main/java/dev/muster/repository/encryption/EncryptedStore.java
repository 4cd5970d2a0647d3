package dev.muster.repository.encryption;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Encrypted objects of one repository in its store. Thread-safe. */
public final class EncryptedStore {
    private final ObjectStore store;
    private final String repositoryId;
    private final MasterKeys keys;
    private final ConcurrentLinkedQueue<EncryptedObject.Workspace> workspaces = new ConcurrentLinkedQueue<>();

    public EncryptedStore(ObjectStore store, String repositoryId, MasterKeys keys) {
        this.store = store;
        this.repositoryId = repositoryId;
        this.keys = keys;
    }

    public ObjectStore store() {
        return store;
    }

    /** @param cipher of the calling thread; reused by it for its next object */
    public EncryptingWriter create(String key, ObjectType type, SegmentCipher cipher) {
        ObjectWriter target = store.create(key);
        try {
            return create(target, key, type, cipher);
        } catch (RuntimeException e) {
            target.close();
            throw e;
        }
    }

    /** @param target what takes the stored bytes on their way to the object {@code key}; the caller's if this fails */
    public EncryptingWriter create(ObjectWriter target, String key, ObjectType type, SegmentCipher cipher) {
        MasterKey master = keys.forWriting(key);
        Envelope envelope = new Envelope(type, master.kid());
        return new EncryptingWriter(target, cipher, master, envelope, envelope.associatedData(repositoryId, key));
    }

    /** @throws ObjectMissingException if there is none */
    public EncryptedObject open(String key, ObjectType type) {
        ObjectInfo info = store.find(key).orElseThrow(() -> new ObjectMissingException(store.url(), key));
        return EncryptedObject.open(repositoryId, key, type, keys, Ciphertext.of(store, info), workspaces);
    }

    /**
     * The id of the key that an object says it is encrypted under, without decrypting anything.
     *
     * @throws dev.muster.repository.RepositoryException OBJECT_DAMAGED, FORMAT_UNKNOWN
     * @throws ObjectMissingException if it is gone
     */
    public static String kidOf(ObjectStore store, ObjectInfo object) {
        if (object.size() < Envelope.LENGTH) {
            throw Damage.of(object.key(), "it has only " + object.size() + " bytes");
        }
        byte[] head = new byte[Envelope.LENGTH];
        Ciphertext.read(store, object.key(), 0, head, 0, head.length);
        return Envelope.kid(object.key(), head);
    }
}
