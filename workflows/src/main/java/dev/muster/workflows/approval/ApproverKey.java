package dev.muster.workflows.approval;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.OctetKeyPairJsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/**
 * An approver's Ed25519 key as a JSON Web Key file, with who it belongs to. The private file stays with the person;
 * the public file lies with every worker that verifies. An issuer's key belongs to a service that signs for the people
 * it has recognised: it has no roles of its own, so that a reader that does not know of issuers trusts it with nothing.
 */
public final class ApproverKey {
    private static final String SUBJECT = "muster_subject";
    private static final String ROLES = "muster_roles";
    private static final String ISSUER = "muster_issuer";
    private static final String CREATED = "muster_created";
    private static final int LARGEST_FILE = 16 * 1024;

    private final OctetKeyPairJsonWebKey key;
    private final String subject;
    private final Set<String> roles;
    private final boolean issuer;
    private final Instant created;

    private ApproverKey(
            OctetKeyPairJsonWebKey key, String subject, Set<String> roles, boolean issuer, Instant created) {
        this.key = key;
        this.subject = subject;
        this.roles = roles;
        this.issuer = issuer;
        this.created = created;
    }

    /** Makes a new key for a person. */
    public static ApproverKey generate(String subject, Set<String> roles) {
        return generate(subject, roles, false, Instant.now());
    }

    /**
     * Makes a new key for a service that signs for people.
     *
     * @param created of several keys of a service, the one created last signs
     */
    public static ApproverKey generateIssuer(String service, Instant created) {
        return generate(service, Set.of(), true, created);
    }

    private static ApproverKey generate(String subject, Set<String> roles, boolean issuer, Instant created) {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            OctetKeyPairJsonWebKey key =
                    (OctetKeyPairJsonWebKey) PublicJsonWebKey.Factory.newPublicJwk(pair.getPublic());
            key.setPrivateKey(pair.getPrivate());
            // RFC 7638: an id that anybody can derive from the key, so that two keys never share one.
            key.setKeyId(key.calculateBase64urlEncodedThumbprint("SHA-256"));
            return new ApproverKey(key, subject, Set.copyOf(roles), issuer, created);
        } catch (NoSuchAlgorithmException | JoseException e) {
            throw new IllegalStateException("This Java runtime cannot make Ed25519 keys", e);
        }
    }

    /** @throws IOException if the file cannot be read or is no approver's key; the message names it */
    public static ApproverKey read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a folder, no approver's key.");
        }
        if (Files.size(file) > LARGEST_FILE) {
            throw new IOException(file + " is no approver's key: it is larger than " + LARGEST_FILE + " bytes.");
        }
        try {
            Map<String, Object> members = JsonUtil.parseJson(Files.readString(file, StandardCharsets.UTF_8));
            JsonWebKey key = JsonWebKey.Factory.newJwk(members);
            if (key instanceof OctetKeyPairJsonWebKey pair
                    && pair.getKeyId() != null
                    && members.get(SUBJECT) instanceof String subject
                    && members.get(ROLES) instanceof List<?> roles) {
                return read(
                        pair,
                        subject,
                        Set.copyOf(roles.stream().map(String::valueOf).toList()),
                        members);
            }
        } catch (JoseException | IllegalArgumentException | java.time.DateTimeException e) {
            throw new IOException(file + " is no approver's key: " + e.getMessage(), e);
        }
        throw new IOException(file + " is no approver's key: it lacks kid, " + SUBJECT + " or " + ROLES + ".");
    }

    private static ApproverKey read(
            OctetKeyPairJsonWebKey key, String subject, Set<String> roles, Map<String, Object> members) {
        Object issuer = members.getOrDefault(ISSUER, false);
        if (!(issuer instanceof Boolean signsForOthers)) {
            throw new IllegalArgumentException(ISSUER + " is neither true nor false");
        }
        if (signsForOthers && !roles.isEmpty()) {
            throw new IllegalArgumentException("an issuer has no roles of its own");
        }
        // Keys of the first version do not say when they were made.
        Instant created = members.get(CREATED) instanceof String text ? Instant.parse(text) : Instant.EPOCH;
        return new ApproverKey(key, subject, roles, signsForOthers, created);
    }

    /** Writes the private file, readable by its owner only. An existing file is not overwritten. */
    public void writePrivate(Path file) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                file, json(JsonWebKey.OutputControlLevel.INCLUDE_PRIVATE), StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** Writes the public file. An existing file is not overwritten. */
    public void writePublic(Path file) throws IOException {
        Files.writeString(file, json(JsonWebKey.OutputControlLevel.PUBLIC_ONLY), StandardOpenOption.CREATE_NEW);
    }

    private String json(JsonWebKey.OutputControlLevel level) {
        Map<String, Object> members = key.toParams(level);
        members.put(SUBJECT, subject);
        members.put(ROLES, roles.stream().sorted().toList());
        members.put(CREATED, created.toString());
        if (issuer) {
            members.put(ISSUER, true);
        }
        return JsonUtil.toJson(members) + "\n";
    }

    public String keyId() {
        return key.getKeyId();
    }

    public String subject() {
        return subject;
    }

    public Set<String> roles() {
        return roles;
    }

    /** Whether the key signs for the people whom its service has recognised. */
    public boolean issuer() {
        return issuer;
    }

    /** The epoch of 1970 where the key's file does not say. */
    public Instant created() {
        return created;
    }

    /** Whether both give the same trust to the same person. */
    boolean saysTheSame(ApproverKey other) {
        return subject.equals(other.subject) && roles.equals(other.roles) && issuer == other.issuer;
    }

    /** Whether this is the private half too. */
    public boolean canSign() {
        return key.getPrivateKey() != null;
    }

    PublicKey publicKey() {
        return key.getPublicKey();
    }

    /** @throws IllegalStateException if this is only the public half */
    PrivateKey privateKey() {
        PrivateKey privateKey = key.getPrivateKey();
        if (privateKey == null) {
            throw new IllegalStateException("The key " + keyId() + " of " + subject + " is only its public half");
        }
        return privateKey;
    }
}
