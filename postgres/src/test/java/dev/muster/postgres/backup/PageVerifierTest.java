package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.checks.PageChecksum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "PostgreSQL recovery" 8. */
class PageVerifierTest {
    private static final int PAGE = 8192;
    private static final Lsn START = Lsn.parse("0/5000000");
    private static final Lsn STOP = Lsn.parse("0/6000000");

    @TempDir
    Path folder;

    private final PageVerifier verifier = new PageVerifier(PAGE, START);

    private static byte[] page(Lsn lsn, long block) {
        byte[] page = new byte[PAGE];
        new Random(block).nextBytes(page);
        ByteBuffer header = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(0, (int) (lsn.value() >>> 32)).putInt(4, (int) lsn.value());
        header.putShort(14, (short) PAGE);
        header.putShort(8, (short) PageChecksum.of(page, 0, PAGE, block));
        return page;
    }

    private static byte[] torn(byte[] page) {
        byte[] torn = page.clone();
        torn[5000] ^= 1;
        return torn;
    }

    private byte[] verify(byte[] read, byte[] onDisk, long block) throws Exception {
        Path file = Files.write(folder.resolve("16384"), onDisk);
        byte[] buffer = read.clone();
        try (FileChannel channel = FileChannel.open(file)) {
            verifier.verify("base/5/16384", channel, buffer, buffer.length, 0, block);
        }
        return buffer;
    }

    @Test
    void aTornPageIsReadAgainAndItsWholeFormTakesItsPlace() throws Exception {
        byte[] whole = page(Lsn.parse("0/4000000"), 131_072);
        assertThat(verify(torn(whole), whole, 131_072)).isEqualTo(whole);
        assertThat(verifier.badPages(STOP)).isEmpty();
    }

    @Test
    void aPageThatStaysWrongIsNamedUnlessTheWalOfTheBackupHasItsChange() throws Exception {
        byte[] old = torn(page(Lsn.parse("0/4000000"), 1));
        byte[] changedSince = torn(page(Lsn.parse("0/5000100"), 2));
        byte[] fromTheFuture = torn(page(Lsn.parse("0/7000000"), 3));
        assertThat(verify(old, old, 1)).isEqualTo(old);
        assertThat(verify(changedSince, changedSince, 2)).isEqualTo(changedSince);
        verify(fromTheFuture, fromTheFuture, 3);
        assertThat(verifier.badPages(STOP)).containsExactly("base/5/16384:1", "base/5/16384:3");
    }

    @Test
    void aPageThatIsCutOffBeforeItCanBeReadAgainIsNotAnError() throws Exception {
        byte[] torn = torn(page(Lsn.parse("0/4000000"), 1));
        assertThat(verify(torn, new byte[100], 1)).isEqualTo(torn);
        assertThat(verifier.badPages(STOP)).isEmpty();
    }
}
