package dev.muster.embedded.temporal;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Temporal's service behind what guards a real one: TLS with a certificate, client certificates, an API key. */
final class GuardedTemporal implements AutoCloseable {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final TestServicesStarter services;
    private final Server server;

    private GuardedTemporal(TestServicesStarter services, Server server) {
        this.services = services;
        this.server = server;
    }

    /**
     * @param clients the authority whose certificates clients must have; null if they need none
     * @param apiKey null if none is asked for
     */
    static GuardedTemporal start(TestAuthority.Pair identity, @Nullable Path clients, @Nullable String apiKey)
            throws Exception {
        TestServicesStarter services = new TestServicesStarter(true, 0);
        SslContextBuilder tls = GrpcSslContexts.forServer(
                identity.certificate().toFile(), identity.key().toFile());
        if (clients != null) {
            tls.trustManager(clients.toFile()).clientAuth(ClientAuth.REQUIRE);
        }
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0))
                .sslContext(tls.build());
        GRPCServerHelper.registerServicesAndHealthChecks(
                services.getServices().stream().map(BindableService.class::cast).toList(), builder);
        if (apiKey != null) {
            builder.intercept(new ApiKey("Bearer " + apiKey));
        }
        return new GuardedTemporal(services, builder.build().start());
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    private record ApiKey(String expected) implements ServerInterceptor {
        @Override
        public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
            if (!expected.equals(headers.get(AUTHORIZATION))) {
                call.close(Status.UNAUTHENTICATED.withDescription("no such key"), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return next.startCall(call, headers);
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
        services.close();
    }
}
