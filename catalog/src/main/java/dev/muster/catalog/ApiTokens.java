package dev.muster.catalog;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The API's tokens. A token is {@code mst_<id>_<secret>}; of its 256 random bits only the SHA-256 is kept, which needs
 * no salt and no slow hash, because nobody guesses 256 bits.
 */
public final class ApiTokens {
    private static final Pattern FORM = Pattern.compile("mst_([0-9a-f]{16})_[A-Za-z0-9_-]{43}");
    private static final Pattern SUBJECT = Pattern.compile("[^\\p{Cntrl}]{1,200}");
    private static final int MOST = 10_000;

    private final Database database;
    private final SecureRandom random = new SecureRandom();

    ApiTokens(Database database) {
        this.database = database;
    }

    /** The only moment at which the secret is known. */
    public NewToken create(String subject, Set<Role> roles, @Nullable Instant expires) {
        if (!SUBJECT.matcher(subject).matches() || subject.isBlank() || roles.isEmpty()) {
            throw new IllegalArgumentException("A token has a subject of 1 to 200 characters and at least one role");
        }
        String id = HexFormat.of().formatHex(bytes(8));
        String bearer =
                "mst_" + id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(32));
        ApiToken token = database.with(
                handle -> handle.createQuery("insert into record.api_token (id, hash, subject, roles, expires)"
                                + " values (:id, :hash, :subject, string_to_array(:roles, ','), :expires) returning *")
                        .bind("id", id)
                        .bind("hash", hash(bearer))
                        .bind("subject", subject)
                        .bind("roles", roles.stream().map(Role::id).sorted().collect(Collectors.joining(",")))
                        .bind("expires", Columns.ofNullable(expires))
                        .map((row, context) -> token(row))
                        .one());
        return new NewToken(token, bearer);
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /**
     * Who presents this token; empty if it is none, unknown, expired by the database's clock, or revoked.
     *
     * @param bearer what followed {@code Bearer } in the request
     */
    public Optional<Identity> authenticate(String bearer) {
        Matcher parts = FORM.matcher(bearer);
        if (!parts.matches()) {
            return Optional.empty();
        }
        record Stored(String hash, ApiToken token) {}
        String presented = hash(bearer);
        return database.with(handle -> handle.createQuery("select * from record.api_token where id = :id"
                                + " and revoked is null and (expires is null or expires > now())")
                        .bind("id", parts.group(1))
                        .map((row, context) -> new Stored(Columns.text(row, "hash"), token(row)))
                        .findOne())
                .filter(stored -> sameInConstantTime(stored.hash(), presented))
                .map(stored -> new Identity(
                        stored.token().subject(),
                        stored.token().roles(),
                        stored.token().id()));
    }

    /** From now on it counts no more. @return whether it counted until now */
    public boolean revoke(String id) {
        return database.with(handle -> handle.createUpdate(
                                "update record.api_token set revoked = now() where id = :id and revoked is null")
                        .bind("id", Columns.storable(id))
                        .execute())
                == 1;
    }

    /** All, newest first, without secrets; at most 10,000. */
    public List<ApiToken> list() {
        return database.with(
                handle -> handle.createQuery("select * from record.api_token order by created desc, id limit :most")
                        .bind("most", MOST)
                        .map((row, context) -> token(row))
                        .list());
    }

    private static ApiToken token(ResultSet row) throws SQLException {
        Array roles = row.getArray("roles");
        return new ApiToken(
                Columns.text(row, "id"),
                Columns.text(row, "subject"),
                Arrays.stream((String[]) roles.getArray()).map(Role::of).collect(Collectors.toSet()),
                Columns.time(row, "created"),
                Columns.timeOrNull(row, "expires"),
                Columns.timeOrNull(row, "revoked"));
    }

    private static boolean sameInConstantTime(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }

    private static String hash(String bearer) {
        return Documents.hash(bearer);
    }
}
