package dev.muster.embedded.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** Main classes of children for the tests. */
final class Children {
    private Children() {}

    /** Says hello, creates the file of its first argument, and stays. */
    public static final class Stays {
        private Stays() {}

        public static void main(String[] arguments) throws Exception {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("good bye")));
            System.out.println("hello " + System.getenv("MUSTER_TEST_GREETING"));
            Files.createFile(Path.of(arguments[0]));
            new CountDownLatch(1).await();
        }
    }

    /** Fails at once. */
    public static final class Fails {
        private Fails() {}

        public static void main(String[] arguments) throws Exception {
            Files.readString(Path.of("no such host"));
        }
    }

    /** Starts {@link Stays} as a child of its own and writes the child's process id. */
    public static final class HasAChild {
        private HasAChild() {}

        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[0]);
            ChildJvm child = ChildJvm.of("grandchild", Stays.class.getName())
                    .arguments(folder.resolve("grandchild-ready").toString())
                    .start(folder.resolve("grandchild.log"));
            Files.writeString(folder.resolve("grandchild-id.tmp"), Long.toString(child.processId()));
            Files.move(folder.resolve("grandchild-id.tmp"), folder.resolve("grandchild-id"));
            new CountDownLatch(1).await();
        }
    }

    /** Runs a PostgreSQL server below the folder under an {@link OrphanGuard}, and stays. */
    public static final class HasAServer {
        private HasAServer() {}

        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[0]);
            var installation =
                    dev.muster.postgres.instance.Installation.at(dev.muster.postgresbinaries.PostgresBinaries.home());
            OrphanGuard guard = OrphanGuard.over(folder, installation);
            Path data = folder.resolve("place/data");
            dev.muster.postgres.instance.Server.initialise(installation, data, "postgres");
            Files.writeString(
                    data.resolve("postgresql.auto.conf"),
                    "listen_addresses = ''\nunix_socket_directories = '" + folder + "'\n");
            new dev.muster.postgres.instance.Server(installation, data, folder.resolve("server.log"))
                    .start(java.time.Duration.ofSeconds(30));
            Files.createFile(folder.resolve("server-ready"));
            new CountDownLatch(1).await();
            guard.close();
        }
    }
}
