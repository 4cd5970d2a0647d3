package dev.muster.postgres.backup;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * PostgreSQL's global/pg_control. Only the fields whose place is the same in versions 14 to 18 are read; the rest is
 * asked of the server. The place of the check sum differs between versions and is found by trying: the sum ends the
 * structure, and it fits in one place only.
 */
public final class ControlFile {
    /** Its path below the data directory. */
    public static final String PATH = "global/pg_control";

    private static final int SIZE = 8192;
    private static final int SHORTEST = 200;
    /** PostgreSQL keeps the structure within one sector, so that a write of it is atomic. */
    private static final int LONGEST = 512;

    private static final int SYSTEM_ID = 0;
    private static final int CONTROL_VERSION = 8;
    private static final int CHECKPOINT = 32;
    private static final int REDO = 40;
    private static final int TIMELINE = 48;
    /** Inside the first segment's header, where no record can begin. */
    private static final long NO_CHECKPOINT = 0xDEAD;

    private final byte[] content;
    private final int sumOffset;

    private ControlFile(byte[] content, int sumOffset) {
        this.content = content;
        this.sumOffset = sumOffset;
    }

    /**
     * @throws PostgresException CONTROL_FILE_DAMAGED if no check sum fits: it is damaged, or was read while it was being
     *     written (read it again)
     */
    public static ControlFile parse(byte[] content) {
        ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        if (content.length == SIZE) {
            CRC32C sum = new CRC32C();
            sum.update(content, 0, SHORTEST);
            for (int offset = SHORTEST; offset <= LONGEST; offset += Integer.BYTES) {
                if (buffer.getInt(offset) == (int) sum.getValue()) {
                    return new ControlFile(content.clone(), offset);
                }
                sum.update(content, offset, Integer.BYTES);
            }
        }
        throw new PostgresException(
                "CONTROL_FILE_DAMAGED",
                "pg_control (" + content.length + " bytes) does not match its own check sum",
                "Is the disk sound, and is the machine little-endian? pg_controldata says what PostgreSQL thinks of it.");
    }

    /**
     * Reads it from a data directory, again when the server was just writing it.
     *
     * @throws PostgresException CONTROL_FILE_DAMAGED if it stays wrong
     */
    public static ControlFile read(Path dataDirectory) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return parse(Files.readAllBytes(dataDirectory.resolve(PATH)));
            } catch (PostgresException torn) {
                if (attempt == 10) {
                    throw torn;
                }
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
        }
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The cluster's identity, in decimal. */
    public String systemId() {
        return Long.toUnsignedString(buffer().getLong(SYSTEM_ID));
    }

    /** PostgreSQL's version of the file's layout, such as 1800. */
    public int controlVersion() {
        return buffer().getInt(CONTROL_VERSION);
    }

    /** Position of the last checkpoint's record. */
    public Lsn checkpoint() {
        return new Lsn(buffer().getLong(CHECKPOINT));
    }

    /** Where replay from that checkpoint starts. */
    public Lsn redo() {
        return new Lsn(buffer().getLong(REDO));
    }

    public int timeline() {
        return buffer().getInt(TIMELINE);
    }

    /** The file, byte for byte. */
    public byte[] content() {
        return content.clone();
    }

    /**
     * The same with a checkpoint that cannot exist. With backup_label PostgreSQL does not look at it; without, it would
     * start from the wrong checkpoint and damage the copy silently, so it must not start at all.
     */
    public ControlFile poisoned() {
        byte[] changed = content.clone();
        ByteBuffer buffer = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(CHECKPOINT, NO_CHECKPOINT);
        CRC32C sum = new CRC32C();
        sum.update(changed, 0, sumOffset);
        buffer.putInt(sumOffset, (int) sum.getValue());
        return new ControlFile(changed, sumOffset);
    }
}
