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
 * the public file lies with every worker that verifies.
 */
public final class ApproverKey {
    private static final String SUBJECT = "muster_subject";
    private static final String ROLES = "muster_roles";
    private static final int LARGEST_FILE = 16 * 1024;

    private final OctetKeyPairJsonWebKey key;
    private final String subject;
    private final Set<String> roles;

    private ApproverKey(OctetKeyPairJsonWebKey key, String subject, Set<String> roles) {
        this.key = key;
        this.subject = subject;
        this.roles = roles;
    }

    /** Makes a new key for a person. */
    public static ApproverKey generate(String subject, Set<String> roles) {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            OctetKeyPairJsonWebKey key =
                    (OctetKeyPairJsonWebKey) PublicJsonWebKey.Factory.newPublicJwk(pair.getPublic());
            key.setPrivateKey(pair.getPrivate());
            // RFC 7638: an id that anybody can derive from the key, so that two keys never share one.
            key.setKeyId(key.calculateBase64urlEncodedThumbprint("SHA-256"));
            return new ApproverKey(key, subject, Set.copyOf(roles));
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
                return new ApproverKey(
                        pair,
                        subject,
                        Set.copyOf(roles.stream().map(String::valueOf).toList()));
            }
        } catch (JoseException e) {
            throw new IOException(file + " is no approver's key: " + e.getMessage(), e);
        }
        throw new IOException(file + " is no approver's key: it lacks kid, " + SUBJECT + " or " + ROLES + ".");
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
