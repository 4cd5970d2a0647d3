package dev.muster.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BoundedBodyTest {
    @Test
    void whatIsLargerThanTheBoundIsNotTaken() {
        BoundedBody body = new BoundedBody(10);
        try (SubmissionPublisher<List<ByteBuffer>> sender = new SubmissionPublisher<>()) {
            sender.subscribe(body);
            sender.submit(List.of(ByteBuffer.wrap(new byte[6])));
            sender.submit(List.of(ByteBuffer.wrap(new byte[6])));
            assertThatThrownBy(() -> body.getBody().toCompletableFuture().get(30, TimeUnit.SECONDS))
                    .hasMessageContaining("larger than 10 bytes");
        }
    }

    @Test
    void whatFitsIsTakenWhole() throws Exception {
        BoundedBody body = new BoundedBody(10);
        try (SubmissionPublisher<List<ByteBuffer>> sender = new SubmissionPublisher<>()) {
            sender.subscribe(body);
            sender.submit(List.of(ByteBuffer.wrap(new byte[6]), ByteBuffer.wrap(new byte[4])));
        }
        assertThat(body.getBody().toCompletableFuture().get(30, TimeUnit.SECONDS))
                .hasSize(10);
    }
}
