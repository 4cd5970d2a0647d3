package dev.muster.postgres.lastgoodpoint;

import dev.muster.postgres.walscan.RelationThen;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the operator knows already; all of it optional.
 *
 * @param relation name of a damaged relation as it was called then: {@code name}, {@code schema.name} or
 *     {@code database.schema.name}
 * @param notBefore commits before this time are left out
 * @param notAfter commits after this time are left out
 * @param xid only this transaction; it is reported even if nothing about it is unusual
 */
public record Hints(
        Optional<String> relation, Optional<Instant> notBefore, Optional<Instant> notAfter, OptionalLong xid) {
    public static Hints none() {
        return new Hints(Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty());
    }

    public Hints withRelation(String name) {
        return new Hints(Optional.of(name), notBefore, notAfter, xid);
    }

    public Hints withWindow(Instant from, Instant to) {
        return new Hints(relation, Optional.of(from), Optional.of(to), xid);
    }

    public Hints withXid(long number) {
        return new Hints(relation, notBefore, notAfter, OptionalLong.of(number));
    }

    boolean includes(Instant commit) {
        return notBefore.map(limit -> !commit.isBefore(limit)).orElse(true)
                && notAfter.map(limit -> !commit.isAfter(limit)).orElse(true);
    }

    boolean names(RelationThen then) {
        String qualified = then.qualifiedName();
        return relation.map(name -> qualified.equals(name) || qualified.endsWith("." + name))
                .orElse(true);
    }
}
