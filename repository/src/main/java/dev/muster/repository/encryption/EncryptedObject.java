package dev.muster.repository.encryption;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.SegmentCipher.ObjectSecret;
import dev.muster.storage.ObjectWriter;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.crypto.AEADBadTagException;

/**
 * An encrypted object for reading: any range, from many threads at once. Nothing is given out that was not
 * authenticated.
 */
public final class EncryptedObject {
    /** Fetched at once at most, in segments: 4 MiB. Bounds what a reader holds. */
    private static final int SEGMENTS_PER_FETCH = 64;

    private static final int OVERHEAD = Envelope.LENGTH + SegmentCipher.HEADER;
    private static final int FULL = SegmentCipher.SEGMENT - SegmentCipher.TAG;
    private static final int FIRST = FULL - SegmentCipher.HEADER;

    private final String key;
    private final Ciphertext ciphertext;
    private final ObjectSecret secret;
    private final ConcurrentLinkedQueue<Workspace> workspaces;
    private final byte[] head;
    private final long segments;
    private final long size;

    private EncryptedObject(
            String key,
            Ciphertext ciphertext,
            byte[] head,
            ObjectSecret secret,
            ConcurrentLinkedQueue<Workspace> workspaces) {
        this.key = key;
        this.head = head;
        this.ciphertext = ciphertext;
        this.secret = secret;
        this.workspaces = workspaces;
        long tinkSize = ciphertext.size() - Envelope.LENGTH;
        this.segments = (tinkSize + SegmentCipher.SEGMENT - 1) / SegmentCipher.SEGMENT;
        this.size = tinkSize - SegmentCipher.HEADER - segments * SegmentCipher.TAG;
    }

    static EncryptedObject open(
            String repositoryId,
            String key,
            ObjectType type,
            MasterKeys keys,
            Ciphertext ciphertext,
            ConcurrentLinkedQueue<Workspace> workspaces) {
        if (ciphertext.size() < OVERHEAD + SegmentCipher.TAG) {
            throw Damage.of(key, "it has only " + ciphertext.size() + " bytes");
        }
        long lastSegment = (ciphertext.size() - Envelope.LENGTH) % SegmentCipher.SEGMENT;
        if (lastSegment > 0 && lastSegment < SegmentCipher.TAG) {
            throw Damage.of(key, "its size of " + ciphertext.size() + " bytes is impossible: it was cut short");
        }
        byte[] head = new byte[OVERHEAD];
        ciphertext.read(0, head, 0, OVERHEAD);
        byte[] envelopeBytes = new byte[Envelope.LENGTH];
        System.arraycopy(head, 0, envelopeBytes, 0, Envelope.LENGTH);
        Envelope envelope = Envelope.parse(key, envelopeBytes, type);
        if (head[Envelope.LENGTH] != SegmentCipher.HEADER) {
            throw Damage.of(key, "its encryption header has the wrong length");
        }
        byte[] header = new byte[SegmentCipher.HEADER];
        System.arraycopy(head, Envelope.LENGTH, header, 0, SegmentCipher.HEADER);
        MasterKey master = keys.find(envelope.kid())
                .orElseThrow(() -> new RepositoryException(
                        "KEY_UNKNOWN",
                        "The object " + key + " is encrypted under the key " + envelope.kid()
                                + ", which none of the opened key slots holds.",
                        "If keys/" + envelope.kid() + "/ exists, open the repository with a key file or method that"
                                + " its slots name. If not, the object is damaged or from another repository."));
        ObjectSecret secret = ObjectCipher.derive(master, envelope.associatedData(repositoryId, key), header);
        return new EncryptedObject(key, ciphertext, head, secret, workspaces);
    }

    public String key() {
        return key;
    }

    /** What this object keeps of its stored bytes in memory. */
    public long heldBytes() {
        return ciphertext.heldBytes();
    }

    /** Of the plaintext, in bytes. */
    public long size() {
        return size;
    }

    /**
     * Decrypts a range of the plaintext.
     *
     * @throws RepositoryException OBJECT_DAMAGED if the object is not what was written, or ends before the range does
     */
    public void read(long position, byte[] out, int offset, int length) {
        if (position < 0 || length < 0 || position + length > size) {
            throw Damage.of(
                    key,
                    "bytes " + position + " to " + (position + length) + " of its content are needed, but"
                            + " it holds " + size);
        }
        if (length == 0) {
            return;
        }
        Workspace pooled = workspaces.poll();
        Workspace workspace = pooled == null ? new Workspace() : pooled;
        try {
            long first = segmentOf(position);
            long last = segmentOf(position + length - 1);
            for (long from = first; from <= last; from += SEGMENTS_PER_FETCH) {
                long to = Math.min(last, from + SEGMENTS_PER_FETCH - 1);
                read(workspace, from, to, position, out, offset, length);
            }
        } finally {
            workspaces.add(workspace);
        }
    }

    /**
     * Passes the stored bytes of the whole object on as they are, each segment after its tag was checked. Fetches them in one
     * request and holds one segment.
     *
     * @return how many bytes
     * @throws RepositoryException OBJECT_DAMAGED; the target has then got the sound beginning
     */
    public long copyStored(ObjectWriter target) {
        Workspace pooled = workspaces.poll();
        Workspace workspace = pooled == null ? new Workspace() : pooled;
        // As it was when the key was derived from it: read again it might be something else.
        target.write(head, 0, OVERHEAD);
        try (Ciphertext.Stream stored = ciphertext.from(OVERHEAD)) {
            for (long segment = 0; segment < segments; segment++) {
                int length = (int) (Math.min(segmentStart(segment + 1), ciphertext.size()) - segmentStart(segment));
                byte[] fetched = workspace.fetched(length);
                stored.read(fetched, length);
                decrypt(workspace, segment, fetched, 0, length, workspace.plain(), 0);
                target.write(fetched, 0, length);
            }
            return ciphertext.size();
        } finally {
            workspaces.add(workspace);
        }
    }

    private void read(Workspace workspace, long from, long to, long position, byte[] out, int offset, int length) {
        long start = segmentStart(from);
        long end = Math.min(segmentStart(to + 1), ciphertext.size());
        int fetchedLength = (int) (end - start);
        byte[] fetched = workspace.fetched(fetchedLength);
        ciphertext.read(start, fetched, 0, fetchedLength);
        for (long segment = from; segment <= to; segment++) {
            int at = (int) (segmentStart(segment) - start);
            int stored = (int) (Math.min(segmentStart(segment + 1), ciphertext.size()) - segmentStart(segment));
            long plainStart = plainStart(segment);
            int plainLength = stored - SegmentCipher.TAG;
            long wantedFrom = Math.max(position, plainStart);
            long wantedTo = Math.min(position + length, plainStart + plainLength);
            int target = offset + (int) (wantedFrom - position);
            if (wantedFrom == plainStart && wantedTo == plainStart + plainLength) {
                decrypt(workspace, segment, fetched, at, stored, out, target);
            } else {
                decrypt(workspace, segment, fetched, at, stored, workspace.plain(), 0);
                System.arraycopy(
                        workspace.plain(), (int) (wantedFrom - plainStart), out, target, (int) (wantedTo - wantedFrom));
            }
        }
    }

    private void decrypt(Workspace workspace, long segment, byte[] in, int at, int length, byte[] out, int outOffset) {
        try {
            workspace.cipher().decrypt(secret, segment, segment == segments - 1, in, at, length, out, outOffset);
        } catch (AEADBadTagException e) {
            throw Damage.of(
                    key,
                    "bytes " + segmentStart(segment) + " to " + (segmentStart(segment) + length)
                            + " are not what was encrypted under this name and key",
                    e);
        }
    }

    private static long segmentOf(long plainPosition) {
        return plainPosition < FIRST ? 0 : (plainPosition - FIRST) / FULL + 1;
    }

    private static long plainStart(long segment) {
        return segment == 0 ? 0 : FIRST + (segment - 1) * FULL;
    }

    /** In the object as stored. The first segment starts behind envelope and header. */
    private static long segmentStart(long segment) {
        return segment == 0 ? OVERHEAD : Envelope.LENGTH + segment * SegmentCipher.SEGMENT;
    }

    /** What one thread needs while it reads, kept for the next. */
    static final class Workspace {
        private final SegmentCipher cipher = new SegmentCipher();
        private final byte[] plain = new byte[SegmentCipher.SEGMENT];
        private byte[] fetched = new byte[3 * SegmentCipher.SEGMENT];

        SegmentCipher cipher() {
            return cipher;
        }

        byte[] plain() {
            return plain;
        }

        byte[] fetched(int length) {
            if (fetched.length < length) {
                fetched = new byte[length];
            }
            return fetched;
        }
    }
}
