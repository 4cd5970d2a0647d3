package dev.muster.postgres.lease;

import dev.muster.postgres.fence.BootClock;
import dev.muster.postgres.fence.DownProof;
import dev.muster.postgres.fence.FenceFolder;
import dev.muster.postgres.fence.HostServer;
import dev.muster.postgres.fence.StopStep;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A keeper in a JVM of its own, to be killed and frozen. */
final class KeeperProcess {
    private KeeperProcess() {}

    static Process start(FenceFolder folder, HostServer server, int port, String key, Duration ttl, List<URI> endpoints)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                KeeperProcess.class.getName(),
                folder.path().toString(),
                server.dataDirectory().toString(),
                Integer.toString(port),
                key,
                Long.toString(ttl.toSeconds())));
        endpoints.forEach(endpoint -> command.add(endpoint.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.path().resolveSibling("keeper.log").toFile())
                .start();
    }

    public static void main(String[] arguments) throws InterruptedException {
        FenceFolder folder = new FenceFolder(Path.of(arguments[0]));
        HostServer server = new HostServer(
                folder,
                Path.of(arguments[1]),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[2])));
        LeaseTiming timing = LeaseTiming.of(Duration.ofSeconds(Long.parseLong(arguments[4])));
        EtcdLease lease = new EtcdLease(
                ThreeVoters.through(Arrays.stream(arguments, 5, arguments.length)
                        .map(URI::create)
                        .toList()),
                arguments[3],
                new LeaseHolder("orders/db1", 7),
                timing.ttl(),
                BootClock.ofThisMachine());
        new LeaseKeeper(lease, timing, BootClock.ofThisMachine(), folder, server, new Printer()).start();
        System.out.println("keeps");
        Thread.sleep(Long.MAX_VALUE);
    }

    /** Read in the keeper's log when a test fails. */
    private static final class Printer implements LeaseListener {
        @Override
        public void renewalFailed(RuntimeException trouble) {
            System.out.println("renewal failed: " + trouble.getMessage());
        }

        @Override
        public void unguarded() {
            System.out.println("unguarded");
        }

        @Override
        public void lost(String why, StopStep step, DownProof proof) {
            System.out.println("lost: " + why + " " + step + " " + proof);
        }

        @Override
        public void stopFailed(RuntimeException trouble) {
            System.out.println("stop failed: " + trouble);
        }
    }
}
