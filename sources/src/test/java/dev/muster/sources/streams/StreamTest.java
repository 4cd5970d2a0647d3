package dev.muster.sources.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.repository.EntryPath;
import dev.muster.sources.Progress;
import dev.muster.sources.SourceException;
import dev.muster.sources.TestStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamTest {
    @TempDir
    Path folder;

    private TestStore store;

    @BeforeEach
    void create() throws IOException {
        store = TestStore.create(folder);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private StreamBackup.Result backup(InputStream in) {
        StreamBackup.Settings settings = new StreamBackup.Settings(EntryPath.of("dump.sql"), "test", 3, false);
        return new StreamBackup(store.repository(), TestStore.SOURCE, settings, TestStore.LATER).run(in, Progress.NONE);
    }

    private byte[] restored(String id) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StreamRestore.run(store.reader(id), Optional.empty(), out);
        return out.toByteArray();
    }

    private static String code(Runnable action) {
        try {
            action.run();
            return "no error";
        } catch (SourceException e) {
            return e.code();
        }
    }

    @Test
    void aStreamComesBackAndTheNextOneStoresOnlyWhatIsNew() {
        byte[] dump = TestStore.random(5 << 20, 1);
        StreamBackup.Result first = backup(new ByteArrayInputStream(dump));
        assertThat(restored(first.backupId())).isEqualTo(dump);
        InputStream longer = new SequenceInputStream(
                new ByteArrayInputStream(TestStore.random(1_000, 2)), new ByteArrayInputStream(dump));
        StreamBackup.Result second = backup(longer);
        assertThat(second.parent()).contains(first.backupId());
        assertThat(second.bytes()).isEqualTo(dump.length + 1_000);
        assertThat(second.storedBytes()).isLessThan(300_000);
        assertThat(restored(second.backupId())).endsWith(dump).hasSize(dump.length + 1_000);
    }

    @Test
    void zerosComeBackAsZeros() {
        byte[] zeros = new byte[3 << 20];
        zeros[1_500_001] = 1;
        assertThat(restored(backup(new ByteArrayInputStream(zeros)).backupId())).isEqualTo(zeros);
    }

    @Test
    void nothingAtAllIsRefusedAsAProgramThatFailed() {
        assertThat(code(() -> backup(InputStream.nullInputStream()))).isEqualTo("STREAM_EMPTY");
        assertThat(store.repository().backups(TestStore.SOURCE)).isEmpty();
    }

    @Test
    void aStreamThatBreaksLeavesNoBackup() {
        InputStream broken = new InputStream() {
            private int left = 1_000_000;

            @Override
            public int read() throws IOException {
                if (--left < 0) {
                    throw new IOException("connection reset");
                }
                return 7;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                bytes[offset] = (byte) read();
                return 1;
            }
        };
        assertThat(code(() -> backup(broken))).isEqualTo("STREAM_BROKEN");
        assertThat(store.repository().backups(TestStore.SOURCE)).isEmpty();
    }

    @Test
    void aTreeAndAStreamDoNotMixUnderOneName() {
        store.backup();
        assertThat(code(() -> backup(new ByteArrayInputStream(new byte[] {1})))).isEqualTo("SOURCE_OF_OTHER_KIND");
    }

    @Test
    void onlyOneFileGoesToAStream() throws IOException {
        store.write("a", "a");
        store.write("b", "b");
        String id = store.backup().backupId();
        assertThatThrownBy(() -> restored(id))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("several");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StreamRestore.run(store.reader(id), Optional.of(EntryPath.of("b")), out);
        assertThat(out.toString(java.nio.charset.StandardCharsets.UTF_8)).isEqualTo("b");
    }
}
