package dev.muster.postgres.lease;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.fence.BootClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One key in etcd that only one can hold. A renewal is a fresh lease that the key is hung on by a transaction, never
 * etcd's KeepAlive: that one is answered by whoever thinks that it leads, without asking a majority, so a leader that slept
 * promises what it can no longer keep (etcd issues 12528 and 15247). A lease that is never prolonged runs
 * out at the same time for all members, and no member knows it as older than it is.
 */
public final class EtcdLease {
    private static final int REMEMBERED = 16;

    private final Etcd etcd;
    private final String key;
    private final LeaseHolder holder;
    private final Duration ttl;
    private final BootClock clock;
    /** Tells this process's writes from those of an earlier one with the same name. */
    private final String instance = UUID.randomUUID().toString();

    private final ObjectMapper json = new ObjectMapper();
    /** When each of the last leases was asked for: a transaction whose answer was lost may have hung the key on any. */
    private final Map<String, Long> asked = new LinkedHashMap<>();

    /**
     * @param key such as {@code /muster/orders/main}; what follows it with {@code /epoch} is used too
     * @param holder this member, at the epoch of the run that makes it the primary
     */
    public EtcdLease(EtcdSettings settings, String key, LeaseHolder holder, Duration ttl, BootClock clock) {
        this.etcd = new Etcd(settings);
        this.key = key;
        this.holder = holder;
        this.ttl = ttl;
        this.clock = clock;
    }

    public LeaseHolder self() {
        return holder;
    }

    /**
     * Who holds it, as a majority of etcd knows it.
     *
     * @throws PostgresException ETCD_UNREACHABLE, ETCD_REFUSED: who holds it is unknown
     */
    public Optional<LeaseHolder> holder() {
        return Optional.ofNullable(first(etcd.call("/v3/kv/range", range(key)))).map(found -> holderOf(value(found)));
    }

    /**
     * Takes the lease if nobody holds it, or if an earlier process of this same member does.
     *
     * @throws PostgresException LEASE_HELD, LEASE_EPOCH_OLD; ETCD_UNREACHABLE, ETCD_REFUSED: not taken, or it runs out
     *     by itself
     */
    LeaseHold acquire() {
        JsonNode held = first(etcd.call("/v3/kv/range", range(key)));
        JsonNode epoch = first(etcd.call("/v3/kv/range", range(epochKey())));
        requireEpoch(epoch);
        if (held != null && !holderOf(value(held)).holder().equals(holder.holder())) {
            throw heldBy(holderOf(value(held)));
        }
        String lease = grant();
        ObjectNode transaction = Etcd.object();
        ArrayNode compare = transaction.putArray("compare");
        compare.add(unchanged(key, held));
        compare.add(unchanged(epochKey(), epoch));
        ArrayNode success = transaction.putArray("success");
        success.addObject().set("request_put", put(key, lease));
        // Without a lease: it outlives the holder, and keeps zombies out.
        success.addObject().set("request_put", put(epochKey(), "0"));
        transaction.putArray("failure").addObject().set("request_range", range(key));
        return written(transaction, lease)
                .orElseThrow(() -> new PostgresException(
                        "LEASE_HELD",
                        "Another took the lease " + key + " at the same moment",
                        "One of them is the primary; look at who holds it."));
    }

    /**
     * Hangs the key on a fresh lease.
     *
     * @return the hold from now on; one with an earlier time where only a lost answer's lease is known to be there
     * @throws PostgresException LEASE_LOST: it is another's, or gone; ETCD_UNREACHABLE: the old hold counts on
     */
    LeaseHold renew(LeaseHold hold) {
        String lease = grant();
        ObjectNode transaction = Etcd.object();
        transaction.putArray("compare").add(atRevision(key, hold.revision()));
        transaction.putArray("success").addObject().set("request_put", put(key, lease));
        transaction.putArray("failure").addObject().set("request_range", range(key));
        return written(transaction, lease)
                .orElseThrow(() -> new PostgresException(
                        "LEASE_LOST",
                        "The lease " + key + " is no longer held by " + holder.holder(),
                        "This primary stops itself. Who holds the lease now, and why did no renewal come through?"));
    }

    /** Gives it up, if it is still this process's. The server must be proved down before. */
    void release(LeaseHold hold) {
        ObjectNode transaction = Etcd.object();
        transaction.putArray("compare").add(atRevision(key, hold.revision()));
        transaction
                .putArray("success")
                .addObject()
                .set("request_delete_range", Etcd.object().put("key", encoded(key)));
        etcd.call("/v3/kv/txn", transaction);
    }

    /** Empty if the key is not this process's. */
    private Optional<LeaseHold> written(ObjectNode transaction, String lease) {
        JsonNode answer = etcd.call("/v3/kv/txn", transaction);
        if (answer.path("succeeded").asBoolean()) {
            long revision = answer.path("header").path("revision").asLong();
            return Optional.of(new LeaseHold(revision, sent(lease)));
        }
        JsonNode found = first(answer.path("responses").path(0).path("response_range"));
        if (found == null || !value(found).path("instance").asText().equals(instance)) {
            return Optional.empty();
        }
        // Written by an attempt whose answer was lost.
        return Optional.of(new LeaseHold(
                found.path("mod_revision").asLong(), sent(found.path("lease").asText())));
    }

    private long sent(String lease) {
        Long sent = asked.get(lease);
        if (sent == null) {
            throw new PostgresException(
                    "LEASE_LOST",
                    "The lease " + key + " hangs on one that this process did not ask for lately",
                    "Two processes with the name " + holder.holder() + " renew it: end one of them.");
        }
        return sent;
    }

    /** Of a new lease, the number; its time counts from before it was asked for. */
    private String grant() {
        long sent = clock.millis();
        JsonNode answer = etcd.call(
                "/v3/lease/grant",
                Etcd.object().put("TTL", Long.toString(ttl.toSeconds())).put("ID", "0"));
        String lease = answer.path("ID").asText();
        if (lease.isEmpty() || answer.path("TTL").asLong() < ttl.toSeconds()) {
            throw new PostgresException(
                    "ETCD_REFUSED",
                    "etcd granted a lease of " + answer.path("TTL").asText() + " s instead of " + ttl.toSeconds(),
                    "Is this etcd 3.4 or later?");
        }
        asked.put(lease, sent);
        if (asked.size() > REMEMBERED) {
            asked.remove(asked.keySet().iterator().next());
        }
        return lease;
    }

    private void requireEpoch(@Nullable JsonNode stored) {
        if (stored == null) {
            return;
        }
        LeaseHolder last = holderOf(value(stored));
        boolean mayAct = holder.epoch() > last.epoch()
                || (holder.epoch() == last.epoch() && holder.holder().equals(last.holder()));
        if (!mayAct) {
            throw new PostgresException(
                    "LEASE_EPOCH_OLD",
                    "The lease " + key + " was held by " + last.holder() + " at epoch " + last.epoch() + "; "
                            + holder.holder() + " at epoch " + holder.epoch() + " comes too late",
                    "A later run has taken over the system; look at that one.");
        }
    }

    private PostgresException heldBy(LeaseHolder other) {
        return new PostgresException(
                "LEASE_HELD",
                "The lease " + key + " is held by " + other.holder() + " at epoch " + other.epoch(),
                "It must run out or be released first: nothing was promoted.");
    }

    private static ObjectNode unchanged(String key, @Nullable JsonNode found) {
        if (found != null) {
            return atRevision(key, found.path("mod_revision").asLong());
        }
        return Etcd.object()
                .put("key", encoded(key))
                .put("target", "CREATE")
                .put("result", "EQUAL")
                .put("create_revision", "0");
    }

    private static ObjectNode atRevision(String key, long revision) {
        return Etcd.object()
                .put("key", encoded(key))
                .put("target", "MOD")
                .put("result", "EQUAL")
                .put("mod_revision", Long.toString(revision));
    }

    private ObjectNode put(String target, String lease) {
        String text = Etcd.object()
                .put("holder", holder.holder())
                .put("epoch", holder.epoch())
                .put("instance", instance)
                .toString();
        return Etcd.object()
                .put("key", encoded(target))
                .put("value", encoded(text))
                .put("lease", lease);
    }

    private static ObjectNode range(String key) {
        return Etcd.object().put("key", encoded(key));
    }

    private String epochKey() {
        return key + "/epoch";
    }

    private static @Nullable JsonNode first(JsonNode range) {
        return range.path("kvs").get(0);
    }

    private JsonNode value(JsonNode found) {
        try {
            return json.readTree(Base64.getDecoder().decode(found.path("value").asText()));
        } catch (IOException | IllegalArgumentException e) {
            throw new PostgresException(
                    "LEASE_VALUE_UNREADABLE",
                    "What " + key + " holds in etcd was not written by Muster",
                    "Is the prefix used by something else?",
                    e);
        }
    }

    private LeaseHolder holderOf(JsonNode value) {
        try {
            return new LeaseHolder(
                    value.path("holder").asText(), value.path("epoch").asLong());
        } catch (IllegalArgumentException e) {
            throw new PostgresException(
                    "LEASE_VALUE_UNREADABLE",
                    "What " + key + " holds in etcd was not written by Muster",
                    "Is the prefix used by something else?",
                    e);
        }
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
