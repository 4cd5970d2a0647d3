package dev.muster.repository.keys;

import dev.muster.repository.RepositoryException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;
import software.amazon.awssdk.services.kms.model.IncorrectKeyException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.KmsException;

/**
 * AWS KMS, or what speaks its protocol. Credentials come from where AWS's tools find them: environment, profile,
 * container, instance.
 */
public final class AwsKms implements KeyManagement {
    /**
     * How long a service is waited for.
     *
     * @param call with its repeats
     */
    record Patience(Duration attempt, Duration call) {
        /** Somebody waits for the repository to open. */
        static final Patience DEFAULT = new Patience(Duration.ofSeconds(5), Duration.ofSeconds(15));
    }

    private static final Set<String> SETTINGS = Set.of("region", "endpoint");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String ENDPOINT_FORM =
            "the setting 'endpoint' is https://host:port, or http: on this machine's own loopback";
    private static final Set<String> UNUSABLE = Set.of(
            "NotFoundException",
            "DisabledException",
            "KMSInvalidStateException",
            "InvalidKeyUsageException",
            "InvalidArnException");

    /** Of these a repeat helps. */
    private static final Set<String> UNAVAILABLE = Set.of(
            "DependencyTimeoutException",
            "KeyUnavailableException",
            "KMSInternalException",
            "LimitExceededException",
            "ThrottlingException");

    private final AwsKeyName key;
    private final String where;
    private final AwsCredentialsProvider credentials;
    private final Function<AwsCredentialsProvider, KmsClient> connect;

    private AwsKms(
            AwsKeyName key,
            Region region,
            Optional<URI> endpoint,
            AwsCredentialsProvider credentials,
            Patience patience) {
        this.key = key;
        this.where = endpoint.map(URI::toString).orElse("AWS, " + region);
        this.credentials = credentials;
        this.connect = found -> client(region, endpoint, found, patience);
    }

    /**
     * Asks nobody yet.
     *
     * @param text {@code ARN?region=R&endpoint=URL}; both settings may be absent
     * @throws RepositoryException KEY_REFERENCE_INVALID
     */
    static AwsKms of(String text) {
        return of(text, DefaultCredentialsProvider.builder().build(), Patience.DEFAULT);
    }

    static AwsKms of(String text, AwsCredentialsProvider credentials, Patience patience) {
        int question = text.indexOf('?');
        String arn = question < 0 ? text : text.substring(0, question);
        AwsKeyName key = AwsKeyName.parse(arn)
                .orElseThrow(
                        () -> KeyReference.invalid("it is not the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID"));
        Map<String, String> settings = settings(question < 0 ? "" : text.substring(question + 1));
        Region region = Region.of(settings.getOrDefault("region", key.region()));
        return new AwsKms(
                key,
                region,
                Optional.ofNullable(settings.get("endpoint")).map(AwsKms::endpoint),
                credentials,
                patience);
    }

    @Override
    public String method() {
        return "aws-kms";
    }

    @Override
    public String key() {
        return key.arn();
    }

    @Override
    public String description() {
        return "AWS KMS key " + key.arn() + " (" + where + ")";
    }

    @Override
    public List<Path> files() {
        return List.of();
    }

    @Override
    public boolean isKey(String name) {
        return AwsKeyName.parse(name).filter(key::isSameKey).isPresent();
    }

    @Override
    public byte[] encrypt(byte[] plain, Map<String, String> context) {
        return call(client -> client.encrypt(request -> request.keyId(key.arn())
                        .plaintext(SdkBytes.fromByteArray(plain))
                        .encryptionContext(context))
                .ciphertextBlob()
                .asByteArray());
    }

    @Override
    public Optional<byte[]> decrypt(byte[] encrypted, Map<String, String> context) {
        return call(client -> {
            try {
                return Optional.of(client.decrypt(request -> request.keyId(key.arn())
                                .ciphertextBlob(SdkBytes.fromByteArray(encrypted))
                                .encryptionContext(context))
                        .plaintext()
                        .asByteArray());
            } catch (InvalidCiphertextException | IncorrectKeyException e) {
                return Optional.empty();
            }
        });
    }

    private <T> T call(Function<KmsClient, T> action) {
        requireCredentials();
        // Opened and closed: repositories are opened seldom, and nothing of it should stay.
        try (KmsClient client = connect.apply(credentials)) {
            return action.apply(client);
        } catch (KmsException e) {
            throw refused(e);
        } catch (SdkException e) {
            throw unreachable(e);
        }
    }

    private void requireCredentials() {
        try {
            credentials.resolveCredentials();
        } catch (SdkException e) {
            throw denied("no credentials are found: " + e.getMessage(), e);
        }
    }

    private RepositoryException refused(KmsException e) {
        String code = e.awsErrorDetails() == null
                ? ""
                : String.valueOf(e.awsErrorDetails().errorCode());
        if (e.statusCode() >= 500 || e.isThrottlingException() || UNAVAILABLE.contains(code)) {
            return unreachable(e);
        }
        if (UNUSABLE.contains(code)) {
            return new RepositoryException(
                    "KMS_KEY_UNUSABLE",
                    "The " + description() + " cannot be used: " + e.getMessage(),
                    "Is it there, in this Region, enabled, not pending deletion, symmetric? A deletion that is pending"
                            + " can be cancelled; open the repository with another key meanwhile.",
                    e);
        }
        return denied(String.valueOf(e.getMessage()), e);
    }

    private RepositoryException denied(String why, SdkException cause) {
        return new RepositoryException(
                "KMS_DENIED",
                "The " + description() + " refuses this process: " + why,
                "The process needs credentials that may kms:Decrypt with this key, to add slots kms:Encrypt too, and a"
                        + " clock that is right.",
                cause);
    }

    private RepositoryException unreachable(SdkException cause) {
        return new RepositoryException(
                "KMS_UNREACHABLE",
                "The " + description() + " cannot be asked: " + cause.getMessage(),
                "Check the way there; it may be tried again. Any other key of the repository opens it without this"
                        + " service, such as the offline key.",
                cause);
    }

    private static KmsClient client(
            Region region, Optional<URI> endpoint, AwsCredentialsProvider credentials, Patience patience) {
        KmsClientBuilder builder = KmsClient.builder()
                .region(region)
                .credentialsProvider(credentials)
                .httpClient(UrlConnectionHttpClient.builder()
                        .connectionTimeout(patience.attempt())
                        .socketTimeout(patience.attempt())
                        .build())
                .overrideConfiguration(
                        settings -> settings.apiCallTimeout(patience.call()).apiCallAttemptTimeout(patience.attempt()));
        endpoint.ifPresent(builder::endpointOverride);
        return builder.build();
    }

    private static Map<String, String> settings(String query) {
        Map<String, String> settings = new HashMap<>();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 1 ? "" : pair.substring(0, equals);
            if (!SETTINGS.contains(name)) {
                throw KeyReference.invalid("an AWS KMS key has the settings region and endpoint only");
            }
            String value = URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
            if (value.isBlank() || settings.put(name, value) != null) {
                throw KeyReference.invalid("the setting '" + name + "' is empty or there twice");
            }
        }
        return settings;
    }

    private static URI endpoint(String text) {
        try {
            URI uri = new URI(text);
            String host = uri.getHost() == null ? "" : uri.getHost();
            // A service's answer holds the master key: it must not cross a network as plaintext.
            boolean safe =
                    "https".equals(uri.getScheme()) || ("http".equals(uri.getScheme()) && LOOPBACK.contains(host));
            if (!safe || host.isEmpty() || uri.getUserInfo() != null) {
                throw KeyReference.invalid(ENDPOINT_FORM);
            }
            return uri;
        } catch (URISyntaxException e) {
            throw KeyReference.invalid(ENDPOINT_FORM);
        }
    }
}
