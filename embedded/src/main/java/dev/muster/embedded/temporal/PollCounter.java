package dev.muster.embedded.temporal;

import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.temporal.api.workflowservice.v1.PollActivityTaskQueueRequest;
import io.temporal.api.workflowservice.v1.PollWorkflowTaskQueueRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the polls that workers begin, by task queue: whether a worker has really come can only be seen here. */
final class PollCounter implements ServerInterceptor {
    private final Map<String, Long> begun = new ConcurrentHashMap<>();

    /** Polls begun on the queue so far. */
    long begun(String taskQueue) {
        return begun.getOrDefault(taskQueue, 0L);
    }

    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
        return new ForwardingServerCallListener.SimpleForwardingServerCallListener<A>(next.startCall(call, headers)) {
            @Override
            public void onMessage(A message) {
                super.onMessage(message);
                if (message instanceof PollWorkflowTaskQueueRequest poll) {
                    begun.merge(poll.getTaskQueue().getName(), 1L, Long::sum);
                } else if (message instanceof PollActivityTaskQueueRequest poll) {
                    begun.merge(poll.getTaskQueue().getName(), 1L, Long::sum);
                }
            }
        };
    }
}
