package dev.muster.storage.azure;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import dev.muster.storage.testing.InstalledProgram;
import dev.muster.storage.testing.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Microsoft's emulator of Azure Blob Storage: one for all tests of this process. */
public final class Azurite {
    static final String ACCOUNT = "musterstore";

    private static final InstalledProgram PROGRAM = new InstalledProgram(
            "azurite-blob",
            "MUSTER_AZURITE",
            List.of(".local/azurite/node_modules/.bin/azurite-blob", ".cache/azurite/node_modules/.bin/azurite-blob"),
            "npm install --prefix ~/.local/azurite azurite@3.37.0");

    private final int port;
    private final Path folder;
    private final String key;

    private Azurite(int port, Path folder, String key) {
        this.port = port;
        this.folder = folder;
        this.key = key;
    }

    /** Started at the first use. */
    private static final class Running {
        private static final Azurite SERVER = start();
    }

    public static Azurite running() {
        PROGRAM.require();
        return Running.SERVER;
    }

    private static Azurite start() {
        try {
            Path folder = Files.createTempDirectory("azurite");
            byte[] secret = new byte[64];
            new SecureRandom().nextBytes(secret);
            String key = Base64.getEncoder().encodeToString(secret);
            Files.writeString(folder.resolve("key"), key);
            Path program = PROGRAM.require();
            int port = ServerProcess.freePort();
            ServerProcess.start(
                    List.of(
                            program.toString(),
                            "--blobPort",
                            Integer.toString(port),
                            "--inMemoryPersistence",
                            "--skipApiVersionCheck",
                            "--loose",
                            "--silent",
                            "--disableTelemetry"),
                    port,
                    Map.of("AZURITE_ACCOUNTS", ACCOUNT + ":" + key),
                    folder);
            return new Azurite(port, folder, key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public Path keyFile() {
        return folder.resolve("key");
    }

    public String url(int port, String path, String settings) {
        return "azure://" + ACCOUNT + "/" + path + "?endpoint=http://127.0.0.1:" + port + "/" + ACCOUNT + "&retries=3"
                + settings;
    }

    public BlobContainerClient container(String name) {
        return new BlobContainerClientBuilder()
                .endpoint("http://127.0.0.1:" + port() + "/" + ACCOUNT)
                .credential(new StorageSharedKeyCredential(ACCOUNT, key))
                .httpClient(new JdkHttpClientBuilder().build())
                .containerName(name)
                .buildClient();
    }
}
