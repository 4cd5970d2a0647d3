package dev.muster.postgres.walscan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The server that the other tests run was built without zstd and lz4: their records are made here. */
class PageCompressionTest {
    private static final int HOLE_OFFSET = 300;
    private static final int HOLE = 4000;

    @Test
    void anImageCompressedByZstdIsRestoredWithItsHole() {
        byte[] page = new byte[8192];
        new Random(3).nextBytes(page);
        for (int i = HOLE_OFFSET; i < HOLE_OFFSET + HOLE; i++) {
            page[i] = 0;
        }
        WalRecord record = record(Zstd.compress(withoutHole(page)), 0x01 | 0x02 | 0x10);
        BlockReference block = record.blocks().get(0);
        assertThat(block.appliesImage()).isTrue();
        assertThat(block.relation()).isEqualTo(new RelationFile(1663, 5, 16384));
        assertThat(block.block()).isEqualTo(77);
        assertThat(block.image()).isEqualTo(page);
    }

    @Test
    void anImageThatDoesNotDecompressIsAnErrorThatNamesTheBlock() {
        WalRecord record = record(new byte[100], 0x01 | 0x02 | 0x10);
        assertThatThrownBy(() -> record.blocks().get(0).image())
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("block 77")
                .hasMessageContaining("1663/5/16384");
    }

    @Test
    void lz4LiteralsOverlappingReferencesAndLongLengthsAreRead() {
        // "ab" then 300 bytes back by 2, then five literals, as the format's specification says.
        byte[] packed = {0x2F, 'a', 'b', 2, 0, (byte) 255, 26, 0x50, 'h', 'e', 'l', 'l', 'o'};
        byte[] raw = PageCompression.lz4(packed, 0, packed.length, 307);
        assertThat(new String(raw, StandardCharsets.US_ASCII)).isEqualTo("ab".repeat(151) + "hello");
    }

    private static byte[] withoutHole(byte[] page) {
        byte[] packed = new byte[8192 - HOLE];
        System.arraycopy(page, 0, packed, 0, HOLE_OFFSET);
        System.arraycopy(page, HOLE_OFFSET + HOLE, packed, HOLE_OFFSET, packed.length - HOLE_OFFSET);
        return packed;
    }

    private static WalRecord record(byte[] image, int imageInfo) {
        int length = 24 + 4 + 7 + 12 + 4 + 2 + image.length;
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(length)
                .putInt(700)
                .putLong(0)
                .put((byte) 0xB0)
                .put((byte) 0)
                .putShort((short) 0);
        bytes.putInt(0);
        bytes.put((byte) 0).put((byte) 0x10).putShort((short) 0);
        bytes.putShort((short) image.length).putShort((short) HOLE_OFFSET).put((byte) imageInfo);
        bytes.putShort((short) HOLE);
        bytes.putInt(1663).putInt(5).putInt(16384).putInt(77);
        bytes.put((byte) 255).put((byte) 0);
        bytes.put(image);
        return new WalRecord(new Lsn(0x1000028), new Lsn(0x1003000), WalFormat.POSTGRES_18, bytes.array());
    }
}
