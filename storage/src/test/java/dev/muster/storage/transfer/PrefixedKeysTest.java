package dev.muster.storage.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.StoreException;
import dev.muster.storage.StoreUrl;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PrefixedKeysTest {
    private static final PrefixedKeys KEYS = keys("backups");

    @Test
    @DisplayName("What lies below the prefix and cannot be an object of Muster's is not told of")
    void foreignNames() {
        List<String> told = new ArrayList<>();
        PrefixedKeys.Listing listing = KEYS.listing(info -> told.add(info.key()));
        for (String name : List.of("backups/", "backups/.x", "backups/a", "backups/a/", "backups/a/b c", "backups/b")) {
            listing.accept(name, 1, Instant.EPOCH);
        }
        assertThat(told).containsExactly("a", "b");
    }

    @Test
    @DisplayName("Repository and stores 3: a listing out of order, doubled or of other names is refused, not believed")
    void outOfOrder() {
        for (String second : List.of("backups/a", "backups/b", "other/z")) {
            PrefixedKeys.Listing listing = KEYS.listing(info -> {});
            listing.accept("backups/b", 1, Instant.EPOCH);
            assertCode("STORE_UNSUPPORTED", () -> listing.accept(second, 1, Instant.EPOCH));
        }
    }

    @Test
    @DisplayName("A key that is too long behind the prefix is refused before it is sent")
    void tooLong() {
        String part = "x".repeat(200);
        PrefixedKeys deep = keys(String.join("/", part, part, part, part));
        assertThat(deep.name(part)).hasSize(5 * 200 + 4);
        assertCode("INVALID_KEY", () -> deep.name(part + "/" + part));
    }

    private static PrefixedKeys keys(String path) {
        return new PrefixedKeys(StoreUrl.parse("gs://bucket/" + path), path);
    }

    private static void assertCode(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
