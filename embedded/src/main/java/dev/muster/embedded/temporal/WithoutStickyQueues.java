package dev.muster.embedded.temporal;

import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest;

/**
 * Takes out of what workers answer that the next task of the run should come to their own queue.
 *
 * <p>A Temporal server gives such a task to another worker when that queue is not polled for some seconds. The test
 * service of 1.38.0 never does: a run whose worker was killed would wait for that worker for ever, and so would every
 * query. Without such queues any worker takes the next task, with the run's whole history.
 */
final class WithoutStickyQueues implements ServerInterceptor {
    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        return new ForwardingServerCallListener.SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            @Override
            public void onMessage(ReqT message) {
                super.onMessage(withoutStickyQueue(message));
            }
        };
    }

    // The message is the method's request type before and after.
    @SuppressWarnings("unchecked")
    private static <T> T withoutStickyQueue(T message) {
        return message instanceof RespondWorkflowTaskCompletedRequest completed
                ? (T) completed.toBuilder().clearStickyAttributes().build()
                : message;
    }
}
