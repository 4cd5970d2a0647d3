package dev.muster.storage.s3;

import static dev.muster.storage.s3.ScriptedS3.content;
import static dev.muster.storage.s3.ScriptedS3.error;
import static dev.muster.storage.s3.ScriptedS3.nothing;
import static dev.muster.storage.s3.ScriptedS3.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3AnswersTest {
    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ScriptedS3 server;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedS3();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "503, SlowDown, STORE_THROTTLED",
        "429, TooManyRequests, STORE_THROTTLED",
        "500, InternalError, STORE_UNREACHABLE",
        "504, GatewayTimeout, STORE_UNREACHABLE",
        "400, RequestTimeout, STORE_UNREACHABLE",
        "400, BadDigest, STORE_UNREACHABLE",
        "507, InsufficientStorage, STORE_FULL",
        "409, QuotaExceeded, STORE_FULL",
        "403, AccessDenied, STORE_DENIED",
        "400, ExpiredToken, STORE_DENIED",
        "403, RequestTimeTooSkewed, STORE_DENIED",
        "403, InvalidObjectState, STORE_DENIED",
        "404, NoSuchBucket, STORE_MISSING",
        "404, NoSuchKey, OBJECT_MISSING",
        "301, PermanentRedirect, STORE_URL_INVALID",
        "400, AuthorizationHeaderMalformed, STORE_URL_INVALID",
        "501, NotImplemented, STORE_UNSUPPORTED",
        "400, InvalidRequest, STORE_UNSUPPORTED"
    })
    @DisplayName("Repository and stores 3: each answer of a server has its code, and a hint")
    void codes(int status, String answer, String code) throws IOException {
        server.then(error(status, answer));
        assertThatThrownBy(() -> server.store(folder, 0).open("a").close())
                .isInstanceOfSatisfying(StoreException.class, e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.hint()).isNotBlank();
                });
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    @DisplayName(
            "Repository and stores 3: after a lost reply the object is looked up, and was stored if it is this writer's")
    void lostReply() throws IOException {
        server.then(nothing()).then(server.head(true));
        create(server.store(folder, 0));
        assertThat(server.requests()).containsExactly("PUT If-None-Match: *", "HEAD");
    }

    @Test
    @DisplayName("Repository and stores 3: a repetition that meets its own first try has succeeded, not lost")
    void ownFirstTry() throws IOException {
        server.then(error(500, "InternalError"))
                .then(error(412, "PreconditionFailed"))
                .then(server.head(true));
        create(server.store(folder, 1));
    }

    @Test
    @DisplayName("Repository and stores 3: a repetition that meets another writer's object has lost")
    void anothers() throws IOException {
        server.then(error(503, "SlowDown"))
                .then(error(412, "PreconditionFailed"))
                .then(server.head(false));
        assertThatThrownBy(() -> create(server.store(folder, 1))).isInstanceOf(ObjectExistsException.class);
    }

    @Test
    @DisplayName("Repository and stores 3: a conflict is no object yet; the creation is tried again")
    void conflict() throws IOException {
        server.then(error(409, "ConditionalRequestConflict"))
                .then(error(404, "NotFound"))
                .then(ok(""))
                .then(ok(""));
        create(server.store(folder, 1));
        assertThat(server.requests()).containsExactly("PUT If-None-Match: *", "HEAD", "HEAD", "PUT If-None-Match: *");
    }

    @Test
    @DisplayName("Repository and stores 3: a commit of which nothing can be known says so and is not taken for success")
    void unknown() throws IOException {
        server.then(nothing()).then(error(500, "")).then(error(500, ""));
        assertThatThrownBy(() -> create(server.store(folder, 0)))
                .isInstanceOf(StoreException.class)
                .isNotInstanceOf(ObjectExistsException.class);
    }

    @Test
    @DisplayName("Repository and stores 3: a listing of several pages is whole; a page that fails is asked for again")
    void pages() throws IOException {
        server.then(page("t1", "a", "b"))
                .then(error(503, "SlowDown"))
                .then(page("t2", "c"))
                .then(page(null, "d"));
        List<String> keys = new ArrayList<>();
        server.store(folder, 2).list("", info -> keys.add(info.key()));
        assertThat(keys).containsExactly("a", "b", "c", "d");
    }

    @Test
    @DisplayName("A listing out of order, or one that goes on nowhere, is an error and not a short answer")
    void brokenListings() throws IOException {
        server.then(page(null, "b", "a"));
        assertThatThrownBy(() -> server.store(folder, 2).list("", info -> {})).hasMessageContaining("lists a after b");
        server.then(page("", "a"));
        assertThatThrownBy(() -> server.store(folder, 2).list("", info -> {})).hasMessageContaining("not where");
        server.then(page("t", "a")).then(page("t", "b"));
        assertThatThrownBy(() -> server.store(folder, 2).list("", info -> {})).hasMessageContaining("not where");
    }

    @Test
    @DisplayName("Repository and stores 3: a read that is cut goes on at the same byte of the same object")
    void cutRead() throws IOException {
        byte[] content = "0123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        server.then(content(200, "\"e\"", null, 10, Arrays.copyOf(content, 4)))
                .then(error(503, "SlowDown"))
                .then(content(206, "\"e\"", "bytes 4-9/10", 6, Arrays.copyOfRange(content, 4, 7)))
                .then(content(206, "\"e\"", "bytes 7-9/10", 3, Arrays.copyOfRange(content, 7, 10)));
        try (InputStream read = server.store(folder, 2).open("a")) {
            assertThat(read.readAllBytes()).isEqualTo(content);
        }
        assertThat(server.requests())
                .containsExactly(
                        "GET",
                        "GET If-Match: \"e\" Range: bytes=4-9",
                        "GET If-Match: \"e\" Range: bytes=4-9",
                        "GET If-Match: \"e\" Range: bytes=7-9");
    }

    @Test
    @DisplayName("Repository and stores 3: a read that is cut ends with an error where it cannot go on, never early")
    void cutForGood() throws IOException {
        server.then(content(200, "\"e\"", null, 10, new byte[4])).then(error(412, "PreconditionFailed"));
        assertThatThrownBy(() -> {
                    try (InputStream read = server.store(folder, 3).open("a")) {
                        read.readAllBytes();
                    }
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    @DisplayName("A server that ignores ranges is found out, and its bytes are not taken for others")
    void ignoredRange() throws IOException {
        server.then(content(200, "\"e\"", null, 10, new byte[10]));
        assertThatThrownBy(() -> server.store(folder, 0).open("a", 3, 2).close())
                .hasMessageContaining("which bytes");
    }

    @Test
    @DisplayName(
            "Repository and stores 3: parts are put together only where no object is; the loser's parts are removed")
    void partsOnce() throws IOException {
        beginParts()
                .then(error(412, "PreconditionFailed"))
                .then(server.head(false))
                .then(ok(""));
        assertThatThrownBy(() -> createInParts(server.store(folder, 2))).isInstanceOf(ObjectExistsException.class);
        assertThat(server.requests())
                .containsExactly("HEAD", "HEAD", "POST", "PUT", "PUT", "POST If-None-Match: *", "HEAD", "DELETE");
    }

    @Test
    @DisplayName(
            "Repository and stores 3: parts that were put together by a try without an answer are this writer's object")
    void partsLostReply() throws IOException {
        beginParts()
                .then(ok("<Error><Code>InternalError</Code><Message>in the middle of a 200</Message></Error>"))
                .then(nothing())
                .then(error(404, "NoSuchUpload"))
                .then(server.head(true))
                .then(server.head(true));
        createInParts(server.store(folder, 5));
        assertThat(server.requests().subList(5, 10))
                .containsExactly(
                        "POST If-None-Match: *", "POST If-None-Match: *", "POST If-None-Match: *", "HEAD", "HEAD");
    }

    private ScriptedS3 beginParts() {
        return server.then(error(404, "NotFound"))
                .then(ok(""))
                .then(ok("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"))
                .then(ok(""))
                .then(ok(""));
    }

    private static void createInParts(ObjectStore store) {
        store.create("a", new ByteArrayInputStream(new byte[17 << 20]));
    }

    private static void create(ObjectStore store) {
        store.create("a", new ByteArrayInputStream(new byte[] {1}));
    }

    private static ScriptedS3.Answer page(@org.jspecify.annotations.Nullable String next, String... keys) {
        StringBuilder xml = new StringBuilder("<ListBucketResult>");
        for (String key : keys) {
            xml.append("<Contents><Key>")
                    .append(key)
                    .append("</Key><Size>1</Size><LastModified>2026-11-21T20:00:00Z</LastModified></Contents>");
        }
        if (next != null) {
            xml.append("<IsTruncated>true</IsTruncated>");
            xml.append(next.isEmpty() ? "" : "<NextContinuationToken>" + next + "</NextContinuationToken>");
        }
        return ok(xml.append("</ListBucketResult>").toString());
    }
}
