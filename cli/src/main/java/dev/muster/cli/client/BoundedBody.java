package dev.muster.cli.client;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A body in memory, and no larger than a bound: whatever answers cannot fill the memory of this process. */
final class BoundedBody implements BodySubscriber<byte[]> {
    private final BodySubscriber<byte[]> whole = BodySubscribers.ofByteArray();
    private final long most;
    private Flow.@Nullable Subscription subscription;
    private long received;
    private boolean over;

    BoundedBody(long most) {
        this.most = most;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return whole.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
        subscription = begun;
        whole.onSubscribe(begun);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        received += buffers.stream().mapToLong(ByteBuffer::remaining).sum();
        if (received <= most) {
            whole.onNext(buffers);
        } else if (!over) {
            over = true;
            Flow.Subscription running = subscription;
            if (running != null) {
                running.cancel();
            }
            whole.onError(new IOException("The answer is larger than " + most + " bytes"));
        }
    }

    @Override
    public void onError(Throwable error) {
        if (!over) {
            whole.onError(error);
        }
    }

    @Override
    public void onComplete() {
        if (!over) {
            whole.onComplete();
        }
    }
}
