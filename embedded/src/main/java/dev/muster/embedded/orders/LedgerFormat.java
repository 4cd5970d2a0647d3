package dev.muster.embedded.orders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.embedded.EmbeddedException;
import dev.muster.postgres.Lsn;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Ledger lines as JSON, one object a line. */
final class LedgerFormat {
    private static final ObjectMapper JSON = new ObjectMapper();

    private LedgerFormat() {}

    static String write(LedgerLine line) {
        ObjectNode node = JSON.createObjectNode();
        if (line instanceof LedgerLine.Base base) {
            node.put("line", "base")
                    .put("count", base.payments().count())
                    .put("hash", base.payments().hash().toString())
                    .put("position", base.position().toString())
                    .put("at", base.at().toString());
        } else if (line instanceof LedgerLine.Intent intent) {
            node.put("line", "intent")
                    .put("sequence", intent.sequence())
                    .put("xid", intent.xid())
                    .put("before", intent.before().toString())
                    .put("at", intent.at().toString());
            var payments = node.putArray("payments");
            for (Payment payment : intent.payments()) {
                payments.addObject()
                        .put("id", payment.id())
                        .put("order", payment.orderId())
                        .put("cents", payment.amountCents())
                        .put("currency", payment.currency())
                        .put("method", payment.method())
                        .put("paid", payment.paidAt().toString())
                        .put("reference", payment.reference());
            }
        } else if (line instanceof LedgerLine.Outcome outcome) {
            node.put("line", "outcome")
                    .put("sequence", outcome.sequence())
                    .put("committed", outcome.committed())
                    .put("at", outcome.at().toString());
            outcome.after().ifPresent(after -> node.put("after", after.toString()));
        }
        return node.toString();
    }

    /** @throws EmbeddedException LEDGER_DAMAGED if the line is not one of ours */
    static LedgerLine read(String text, String where) {
        try {
            JsonNode node = JSON.readTree(text);
            Instant at = Instant.parse(required(node, "at").asText());
            String kind = required(node, "line").asText();
            return switch (kind) {
                case "base" ->
                    new LedgerLine.Base(
                            new PaymentsDigest(
                                    required(node, "count").asLong(),
                                    new BigInteger(required(node, "hash").asText())),
                            Lsn.parse(required(node, "position").asText()),
                            at);
                case "intent" ->
                    new LedgerLine.Intent(
                            required(node, "sequence").asLong(),
                            required(node, "xid").asText(),
                            Lsn.parse(required(node, "before").asText()),
                            payments(required(node, "payments")),
                            at);
                case "outcome" ->
                    new LedgerLine.Outcome(
                            required(node, "sequence").asLong(),
                            required(node, "committed").asBoolean()
                                    ? Optional.of(
                                            Lsn.parse(required(node, "after").asText()))
                                    : Optional.empty(),
                            at);
                default -> throw new IllegalArgumentException("unknown kind of line: " + kind);
            };
        } catch (JsonProcessingException | RuntimeException e) {
            throw new EmbeddedException(
                    "LEDGER_DAMAGED",
                    where + " cannot be read: " + e.getMessage(),
                    "The ledger is only ever appended to by the writer; was it edited or copied while it grew?",
                    e);
        }
    }

    private static List<Payment> payments(JsonNode array) {
        List<Payment> payments = new ArrayList<>();
        for (JsonNode node : array) {
            payments.add(new Payment(
                    required(node, "id").asLong(),
                    required(node, "order").asLong(),
                    required(node, "cents").asLong(),
                    required(node, "currency").asText(),
                    required(node, "method").asText(),
                    Instant.parse(required(node, "paid").asText()),
                    required(node, "reference").asText()));
        }
        return payments;
    }

    private static JsonNode required(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || value.isNull()) {
            throw new IllegalArgumentException("no field " + field);
        }
        return value;
    }
}
