package dev.muster.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoresTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://B",
                "s3://bucket/a b",
                "s3://bucket/.hidden",
                "s3://bucket?pathstyle=true",
                "s3://bucket?region=x&checksums=never",
                "s3://bucket?region=x&part-size=1MiB",
                "s3://bucket?region=x&part-size=16",
                "s3://bucket?region=x&retries=100",
                "s3://bucket?region=x&read-timeout=30",
                "s3://bucket?region=x&lock=governance",
                "s3://bucket?region=x&lock-days=3",
                "s3://bucket?region=x&lock=forever&lock-days=3",
                "s3://bucket?region=x&lock=governance&lock-days=0",
                "s3://bucket?region=x&access-key=env:PATH",
                "s3://bucket?region=x&access-key=geheim&secret-key=geheim",
                "s3://bucket?endpoint=example.com",
                "s3://bucket?endpoint=http://user:geheim@example.com",
                "s3://bucket?region=x&upload-limit=fast"
            })
    @DisplayName("A setting that makes no sense is refused when the store is opened, and secrets are not repeated")
    void refused(String url) {
        assertThatThrownBy(() -> Stores.open(url))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo("STORE_URL_INVALID"));
    }

    @Test
    @DisplayName("A store that is opened read-only refuses every change and reads as before")
    void readOnly(@TempDir Path folder) throws IOException {
        Stores.open("file://" + folder).create("a", new ByteArrayInputStream(new byte[] {1}));
        ObjectStore store = Stores.open("file://" + folder + "?read-only=true&retries=2&download-limit=1GB");
        assertThat(store.find("a")).isPresent();
        store.open("a").close();
        ObjectStoreContract.assertCode(
                "STORE_READ_ONLY", () -> store.create("b").close());
        ObjectStoreContract.assertCode(
                "STORE_READ_ONLY", () -> store.create("b", Retention.none()).close());
        ObjectStoreContract.assertCode("STORE_READ_ONLY", () -> store.delete("a"));
        assertThat(folder.toFile().list()).hasSize(1);
    }
}
