package dev.muster.drivers.traffic.dns;

import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.TrafficException;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.TSIGRecord;
import org.xbill.DNS.Update;

/** Sends changes to the zone's primary (RFC 2136), each made only if what was seen is still there. */
final class DnsUpdate {
    private final DnsSettings settings;
    private final Clock clock;
    private final Name zone;
    private final Name name;
    private final DnsExchange exchange;

    DnsUpdate(DnsSettings settings, Clock clock) {
        this.clock = clock;
        this.settings = settings;
        this.zone = DnsNames.of(settings.zone());
        this.name = DnsNames.of(settings.record());
        this.exchange = new DnsExchange(settings.timeout());
    }

    /**
     * In one message, all or nothing.
     *
     * @throws TrafficException TRAFFIC_CHANGED if something else is there, TRAFFIC_DENIED, TRAFFIC_PLACE_UNKNOWN,
     *     TRAFFIC_CLOCK_OFF, TRAFFIC_UNREACHABLE, TRAFFIC_BUSY: nothing was changed
     */
    Outcome.Result replace(RecordSets seen, RecordSets wanted) {
        Update update = guarded(seen);
        RecordSets.TYPES.stream()
                .filter(type -> !seen.ofType(type).isEmpty())
                .forEach(type -> update.delete(name, type));
        wanted.records().forEach(update::add);
        return send(update);
    }

    /**
     * Asks for what is there already, so that the server has to look at the key and change nothing.
     *
     * @throws TrafficException as {@link #replace}
     */
    void tryKey(RecordSets seen) {
        Update update = guarded(seen);
        update.add(seen.records().get(0));
        Outcome.Result result = send(update);
        result.fault().ifPresent(fault -> {
            throw new TrafficException("TRAFFIC_UNREACHABLE", fault.message(), fault.hint());
        });
    }

    private Update guarded(RecordSets seen) {
        Update update = new Update(zone);
        for (int type : RecordSets.TYPES) {
            List<Record> there = seen.withTtl(0).ofType(type);
            if (there.isEmpty()) {
                update.absent(name, type);
            } else {
                there.forEach(update::present);
            }
        }
        return update;
    }

    private Outcome.Result send(Update update) {
        String place = "the primary " + ZoneServers.text(settings.primary());
        var signer = Optional.of(settings.key().signer(clock));
        try {
            Message answer = settings.transport() == DnsSettings.Transport.TCP
                    ? exchange.overTcp(update, settings.primary(), signer)
                    : exchange.overUdp(update, settings.primary(), signer);
            requireDone(answer);
            return Outcome.Result.of(place, Outcome.Effect.CHANGED, "");
        } catch (NoAnswerException e) {
            return Outcome.Result.unknown(place, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw ZoneServers.unreachable(settings.primary(), e);
        }
    }

    private void requireDone(Message answer) {
        String server = ZoneServers.text(settings.primary());
        int said = answer.getRcode();
        switch (said) {
            case Rcode.NOERROR -> {}
            case Rcode.NXRRSET, Rcode.YXRRSET, Rcode.NXDOMAIN, Rcode.YXDOMAIN ->
                throw changed("while this change was on its way (" + Rcode.string(said) + ")");
            case Rcode.NOTAUTH, Rcode.NOTZONE -> throw notAuthorised(answer, server);
            case Rcode.REFUSED ->
                throw new TrafficException(
                        "TRAFFIC_DENIED",
                        server + " refuses to change " + name + " with " + key(),
                        "Does the zone's update-policy or allow-update name this key, for this name and its types?");
            case Rcode.SERVFAIL ->
                throw new TrafficException(
                        "TRAFFIC_BUSY",
                        server + " failed to change " + name + " (SERVFAIL)",
                        "Its log says why: is its folder of zones writable, its disk full, the zone frozen?");
            default ->
                throw new TrafficException(
                        "TRAFFIC_REFUSED",
                        server + " does not change " + name + ": " + Rcode.string(said),
                        "Does it know dynamic updates, and is it the zone's primary?");
        }
    }

    private TrafficException notAuthorised(Message answer, String server) {
        TSIGRecord signature = answer.getTSIG();
        int error = signature == null ? Rcode.NOERROR : signature.getError();
        if (error == Rcode.BADTIME) {
            return new TrafficException(
                    "TRAFFIC_CLOCK_OFF",
                    server + " refuses the signature's time",
                    "The clock of this machine or of the server is off by minutes.");
        }
        if (error == Rcode.BADKEY || error == Rcode.BADSIG) {
            return new TrafficException(
                    "TRAFFIC_DENIED",
                    server + " refuses " + key() + ": " + Rcode.TSIGstring(error),
                    "Do the key's name, algorithm and secret match the server's?");
        }
        return new TrafficException(
                "TRAFFIC_PLACE_UNKNOWN",
                server + " is not the primary of the zone " + zone + " (" + Rcode.string(answer.getRcode()) + ")",
                "Is the zone's name right, and is this its primary?");
    }

    private String key() {
        TsigKey key = settings.key();
        return "the key " + key.name() + " (" + key.algorithm() + ")";
    }

    TrafficException changed(String how) {
        return new TrafficException(
                "TRAFFIC_CHANGED",
                "Somebody else changed " + name + ": " + how,
                "Nothing was changed by this step. Find out who did, then plan again with what is there now.");
    }
}
