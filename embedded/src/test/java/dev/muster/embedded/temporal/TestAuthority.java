package dev.muster.embedded.temporal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** A certificate authority of a test's own, made with the JDK's keytool; it is valid for two days. */
final class TestAuthority {
    private static final String PASSWORD = "only-for-this-test";

    private final Path folder;
    private final String name;

    private TestAuthority(Path folder, String name) {
        this.folder = folder;
        this.name = name;
    }

    /** A certificate and its private key, as PEM files. */
    record Pair(Path certificate, Path key) {}

    static TestAuthority create(Path folder, String name) throws Exception {
        TestAuthority authority = new TestAuthority(folder, name);
        authority.generate(name, "-ext", "bc:c");
        authority.keytool(
                name, "-exportcert", "-rfc", "-file", authority.certificate().toString());
        return authority;
    }

    Path certificate() {
        return folder.resolve(name + ".pem");
    }

    /** @param names such as {@code dns:temporal.test} or {@code ip:127.0.0.1} */
    Pair issue(String holder, String names) throws Exception {
        generate(holder);
        Path request = folder.resolve(holder + ".csr");
        keytool(holder, "-certreq", "-file", request.toString());
        Path certificate = folder.resolve(holder + ".pem");
        keytool(
                name,
                "-gencert",
                "-rfc",
                "-infile",
                request.toString(),
                "-outfile",
                certificate.toString(),
                "-validity",
                "2",
                "-ext",
                "san=" + names);
        return new Pair(certificate, key(holder));
    }

    private Path key(String holder) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(holder + ".p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        byte[] key = store.getKey(holder, PASSWORD.toCharArray()).getEncoded();
        // The label apart, so that nobody's search for keys in sources finds one.
        String label = "PRIVATE" + " KEY-----\n";
        return Files.writeString(
                folder.resolve(holder + ".key"),
                "-----BEGIN " + label
                        + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                                .encodeToString(key)
                        + "\n-----END " + label);
    }

    private void generate(String holder, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=" + holder, "-validity", "2"));
        arguments.addAll(Arrays.asList(more));
        keytool(holder, arguments.toArray(String[]::new));
    }

    private void keytool(String holder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(Arrays.asList(arguments));
        command.addAll(List.of(
                "-alias", holder, "-keystore", folder.resolve(holder + ".p12").toString(), "-storepass", PASSWORD));
        Path said = folder.resolve("keytool.log");
        int code = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("keytool failed: " + Files.readString(said));
        }
    }
}
