package dev.muster.storage.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.local.LocalStore;
import dev.muster.storage.testing.FaultyStore;
import dev.muster.storage.testing.FaultyStore.Fault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetryingStoreTest {
    @TempDir
    private Path folder;

    @Test
    @DisplayName("Repository and stores 3: a commit whose reply is lost succeeded if the object is there")
    void lostReply() throws IOException {
        ObjectStore store = retrying(first("commit", Fault.LOST_REPLY));
        store.create("a", new ByteArrayInputStream(new byte[] {1}));
        try (InputStream content = store.open("a")) {
            assertThat(content.readAllBytes()).containsExactly(1);
        }
    }

    @Test
    @DisplayName("Repository and stores 3: a commit that did not happen fails, and is not taken for one that did")
    void notStored() {
        ObjectStore store = retrying(first("commit", Fault.UNREACHABLE));
        assertThatThrownBy(() -> store.create("a", new ByteArrayInputStream(new byte[] {1})))
                .isInstanceOf(StoreException.class)
                .isNotInstanceOf(ObjectExistsException.class);
        assertThat(store.find("a")).isEmpty();
    }

    @Test
    @DisplayName(
            "Repository and stores 3: where somebody else's object is there after a lost reply, this writer has lost")
    void somebodyElse() {
        LocalStore local = LocalStore.open(folder);
        ObjectStore store =
                new RetryingStore(new FaultyStore(local, first("commit", Fault.UNREACHABLE)), InstantTime.retries(3));
        try (ObjectWriter writer = store.create("a")) {
            writer.write(new byte[] {1}, 0, 1);
            local.create("a", new ByteArrayInputStream(new byte[] {2}));
            assertThatThrownBy(writer::commit).isInstanceOf(ObjectExistsException.class);
        }
    }

    @Test
    @DisplayName("A listing that breaks off is told of once, whole")
    void listing() {
        LocalStore local = LocalStore.open(folder);
        for (int i = 0; i < 10; i++) {
            local.create("k" + i, new ByteArrayInputStream(new byte[1]));
        }
        ObjectStore store = new RetryingStore(new FaultyStore(local, first("list", Fault.CUT)), InstantTime.retries(3));
        List<String> told = new ArrayList<>();
        store.list("", info -> told.add(info.key()));
        assertThat(told).hasSize(10).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("Trouble of the one who is told of objects is his own, and no reason to list again")
    void tellersTrouble() {
        ObjectStore store = retrying((operation, key) -> Fault.NONE);
        store.create("a", new ByteArrayInputStream(new byte[1]));
        AtomicInteger told = new AtomicInteger();
        assertThatThrownBy(() -> store.list("", info -> {
                    told.incrementAndGet();
                    throw new StoreException("STORE_UNREACHABLE", "another store", "hint");
                }))
                .hasMessage("another store");
        assertThat(told).hasValue(1);
    }

    @Test
    @DisplayName("A read that is cut again and again without a byte fails in the end, with an error")
    void neverComes() {
        LocalStore local = LocalStore.open(folder);
        local.create("a", new ByteArrayInputStream(new byte[100]));
        AtomicInteger opened = new AtomicInteger();
        ObjectStore store = new RetryingStore(
                new FaultyStore(
                        local,
                        (operation, key) -> !operation.equals("open")
                                ? Fault.NONE
                                : opened.getAndIncrement() == 0 ? Fault.CUT : Fault.UNREACHABLE),
                InstantTime.retries(3));
        assertThatThrownBy(() -> {
                    try (InputStream content = store.open("a")) {
                        content.readAllBytes();
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(opened).hasValue(4);
    }

    private ObjectStore retrying(FaultyStore.Rule rule) {
        return new RetryingStore(new FaultyStore(LocalStore.open(folder), rule), InstantTime.retries(3));
    }

    private static FaultyStore.Rule first(String operation, Fault fault) {
        AtomicInteger times = new AtomicInteger();
        return (asked, key) -> asked.equals(operation) && times.getAndIncrement() == 0 ? fault : Fault.NONE;
    }
}
