package dev.muster.embedded.temporal;

import dev.muster.embedded.EmbeddedException;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Temporal's service in this JVM, in real time, for clients of this machine only. It keeps everything in memory and
 * lacks Schedules, visibility, reset and pause: made for the demo and for tests, not to protect anything.
 *
 * <p>Temporal's own {@code TestServer} listens in plaintext on all interfaces, so the parts below it are put together
 * here, bound to the loopback. They are internal to Temporal: the version is pinned in the root pom, and
 * TemporalInJvmTest fails when another version behaves differently. Nothing else may use them.
 */
public final class TemporalInJvm implements AutoCloseable {
    /** What Temporal's service for moving the clock is called on the wire; see {@link #start}. */
    private static final String CLOCK_SERVICE = "temporal.api.testservice.v1.TestService";

    private static final long STOP_SECONDS = 5;

    private final TestServicesStarter services;
    private final Server server;

    private TemporalInJvm(TestServicesStarter services, Server server) {
        this.services = services;
        this.server = server;
    }

    /**
     * Starts the service on a free port of 127.0.0.1. Time skipping is locked, and the service that could unlock it is
     * left out: no client can make time run faster than it does.
     *
     * @throws EmbeddedException TEMPORAL_NOT_STARTED if the port cannot be bound
     */
    public static TemporalInJvm start() {
        TestServicesStarter services = new TestServicesStarter(true, 0);
        try {
            List<BindableService> offered = services.getServices().stream()
                    .filter(service -> !service.bindService()
                            .getServiceDescriptor()
                            .getName()
                            .equals(CLOCK_SERVICE))
                    .toList();
            NettyServerBuilder builder = NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
            GRPCServerHelper.registerServicesAndHealthChecks(offered, builder);
            builder.intercept(new WithoutStickyQueues());
            return new TemporalInJvm(services, builder.build().start());
        } catch (IOException | RuntimeException e) {
            services.close();
            throw new EmbeddedException(
                    "TEMPORAL_NOT_STARTED",
                    "Temporal could not be started in this JVM on 127.0.0.1: " + e.getMessage(),
                    "Is the loopback interface up, and may this user open a port on it?",
                    e);
        }
    }

    /** Host and port for clients, such as {@code 127.0.0.1:40213}: plaintext, namespace {@code default}. */
    public String target() {
        return "127.0.0.1:" + port();
    }

    public int port() {
        return server.getPort();
    }

    /** Ends the service; long polls of workers that still run are cut off. All histories are gone. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        services.close();
    }
}
