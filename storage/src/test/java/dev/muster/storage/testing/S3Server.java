package dev.muster.storage.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** A real server of S3's language on this machine, with buckets for tests. */
public final class S3Server implements AutoCloseable {
    private static final String ACCESS = "muster-tests";
    private static final String SECRET = "not-a-secret-but-long-enough";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static @Nullable S3Server shared;

    private final ServerProcess process;
    private final int port;
    private final Path folder;

    private S3Server(ServerProcess process, int port, Path folder) {
        this.process = process;
        this.port = port;
        this.folder = folder;
    }

    /** S3Mock, one for all tests of this process. */
    public static synchronized S3Server shared() {
        if (shared == null) {
            S3Server started = start();
            Runtime.getRuntime().addShutdownHook(new Thread(started::removeFolder));
            shared = started;
        }
        return shared;
    }

    /** S3Mock, which Maven brings along: everything but object locks. */
    public static S3Server start() {
        String jar = System.getProperty("muster.s3.server", "");
        if (!Files.exists(Path.of(jar))) {
            throw new IllegalStateException("The build puts the server's jar at '" + jar + "': build storage with it");
        }
        ServerProcess.Started started = ServerProcess.start(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-jar",
                        jar,
                        "--server.port=0",
                        "--com.adobe.testing.s3mock.httpPort=0"),
                Pattern.compile("started on ports .*?(\\d+) \\(http\\)"));
        return new S3Server(started.server(), Integer.parseInt(started.found()), credentials());
    }

    /** versitygw, with versions and object locks, if it is installed. */
    public static Optional<S3Server> startVersitygw() {
        Optional<Path> program = InstalledProgram.ofGo(
                        "versitygw", "MUSTER_VERSITYGW", "go install github.com/versity/versitygw/cmd/versitygw@v1.7.0")
                .find();
        if (program.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path folder = credentials();
            Path objects = Files.createDirectory(folder.resolve("objects"));
            Path versions = Files.createDirectory(folder.resolve("versions"));
            int port = ServerProcess.freePort();
            return Optional.of(new S3Server(
                    ServerProcess.start(
                            List.of(
                                    program.get().toString(),
                                    "--access",
                                    ACCESS,
                                    "--secret",
                                    SECRET,
                                    "--port",
                                    "127.0.0.1:" + port,
                                    "--quiet",
                                    "posix",
                                    "--versioning-dir",
                                    versions.toString(),
                                    objects.toString()),
                            port),
                    port,
                    folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path credentials() {
        try {
            Path folder = Files.createTempDirectory("muster-s3-");
            Files.writeString(folder.resolve("access"), ACCESS);
            Files.writeString(folder.resolve("secret"), SECRET);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /** For what Muster itself does not do. */
    public S3Client client() {
        return S3Client.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + port))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS, SECRET)))
                .build();
    }

    /** Makes a bucket. */
    public String bucket(boolean locks) {
        String name = "bucket-" + NUMBER.incrementAndGet();
        try (S3Client client = client()) {
            client.createBucket(request -> request.bucket(name).objectLockEnabledForBucket(locks));
        }
        return name;
    }

    /** Of a store in the bucket, with a prefix that no other store has. */
    public String url(String bucket) {
        return url(bucket, port);
    }

    /** The same through a proxy on another port. */
    public String url(String bucket, int through) {
        return "s3://" + bucket + "/store-" + NUMBER.incrementAndGet() + "?endpoint=http://127.0.0.1:" + through
                + "&path-style=true&access-key=file:" + folder.resolve("access") + "&secret-key=file:"
                + folder.resolve("secret");
    }

    /** A newer version of a store's object, under no lock: what somebody does who does not ask whether it exists. */
    public void writeOver(String url, String key, byte[] bytes) {
        String place = url.substring("s3://".length(), url.indexOf('?'));
        String bucket = place.substring(0, place.indexOf('/'));
        try (S3Client client = client()) {
            client.putObject(
                    request -> request.bucket(bucket).key(place.substring(place.indexOf('/') + 1) + "/" + key),
                    RequestBody.fromBytes(bytes));
        }
    }

    /** With a secret that the server does not know. */
    public String strangersUrl(String bucket) {
        return url(bucket)
                .replace(
                        folder.resolve("secret").toString(),
                        folder.resolve("access").toString());
    }

    @Override
    public void close() {
        process.close();
        removeFolder();
    }

    private void removeFolder() {
        ServerProcess.remove(folder);
    }
}
