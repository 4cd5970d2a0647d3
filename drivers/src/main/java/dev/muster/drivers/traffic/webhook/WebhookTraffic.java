package dev.muster.drivers.traffic.webhook;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.drivers.traffic.Answer;
import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Fault;
import dev.muster.drivers.traffic.Observation;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.Patience;
import dev.muster.drivers.traffic.Place;
import dev.muster.drivers.traffic.Progress;
import dev.muster.drivers.traffic.Readiness;
import dev.muster.drivers.traffic.Report;
import dev.muster.drivers.traffic.TrafficDriver;
import dev.muster.drivers.traffic.TrafficException;
import dev.muster.drivers.traffic.Unverified;
import dev.muster.drivers.traffic.Verification;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** An endpoint moved by whoever takes a signed POST of the desired state; proven by what it reports. */
public final class WebhookTraffic implements TrafficDriver {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final WebhookSettings settings;
    private final Receiver receiver;
    private final Patience patience;
    private final Unverified unverified;

    public WebhookTraffic(WebhookSettings settings, Patience patience) {
        this.settings = settings;
        this.patience = patience;
        this.receiver = new Receiver(settings, patience.clock());
        this.unverified = new Unverified(settings.endpoint(), settings.acceptUnverified());
    }

    @Override
    public String description() {
        return "endpoint " + settings.endpoint() + " by webhook " + settings.change();
    }

    @Override
    public Observation observe() {
        Instant now = patience.clock().instant();
        return settings.status()
                .map(status ->
                        new Observation(now, List.of(new Place(settings.endpoint(), "GET " + status, answer(status)))))
                .orElseGet(() -> unverified.observation(now));
    }

    private Answer answer(URI status) {
        try {
            return shown(status);
        } catch (TrafficException e) {
            return new Answer.Silent(e.fault());
        }
    }

    private Answer.Shown shown(URI status) {
        Receiver.Reply reply;
        try {
            reply = receiver.get(status);
        } catch (IOException e) {
            throw unreachable(status, e);
        }
        if (reply.status() != 200) {
            throw refusal(status, reply);
        }
        return Report.read(reply.body(), settings.sites(), status.toString());
    }

    @Override
    public Readiness check(Desired desired) {
        try {
            desired.shares().requireKnown(settings.sites());
            settings.status().ifPresent(status -> requireReplaceable(shown(status), desired));
        } catch (TrafficException e) {
            return new Readiness(List.of(e.fault()), List.of());
        }
        return settings.status().isPresent() ? new Readiness(List.of(), List.of()) : unverified.readiness();
    }

    private void requireReplaceable(Answer.Shown shown, Desired desired) {
        if (!shown.strangers().isEmpty() || !desired.mayReplace(shown.shares())) {
            throw new TrafficException(
                    "TRAFFIC_CHANGED",
                    settings.endpoint() + " shows " + shown.shares() + " " + shown.strangers()
                            + ", which is neither what the plan saw nor what is desired (" + desired.shares() + ")",
                    "Nothing was changed by this step. Find out who did, then plan again.");
        }
    }

    @Override
    public Outcome apply(Desired desired, Progress progress) {
        desired.shares().requireKnown(settings.sites());
        if (settings.status().isPresent()) {
            Answer.Shown shown = shown(settings.status().get());
            requireReplaceable(shown, desired);
            if (shown.shares().equals(desired.shares())) {
                return done(Outcome.Effect.ALREADY);
            }
        } else {
            unverified.requireAccepted();
        }
        String body = body(desired);
        for (int attempt = 1; ; attempt++) {
            progress.at("Attempt " + attempt + " at POST " + settings.change());
            Optional<Outcome> outcome = attempt(body, desired.token(), progress, attempt == settings.attempts());
            if (outcome.isPresent()) {
                return outcome.get();
            }
        }
    }

    /** Empty: certainly not taken, and to be tried again, after a pause. */
    private Optional<Outcome> attempt(String body, String token, Progress progress, boolean last) {
        try {
            Receiver.Reply reply = receiver.post(body, token, progress);
            boolean busy = reply.status() == 429 || reply.status() == 503;
            if (busy && !last) {
                pause(reply.retryAfter());
                return Optional.empty();
            }
            return Optional.of(outcome(reply));
        } catch (Receiver.NoAnswerException e) {
            return Optional.of(Outcome.of(Outcome.Result.unknown(settings.endpoint(), String.valueOf(e.getMessage()))));
        } catch (IOException e) {
            if (last) {
                throw unreachable(settings.change(), e);
            }
            pause(Duration.ZERO);
            return Optional.empty();
        }
    }

    private Outcome outcome(Receiver.Reply reply) {
        return switch (reply.status()) {
            case 200, 201, 202, 204 -> done(Outcome.Effect.CHANGED);
            case 208 -> done(Outcome.Effect.ALREADY);
            case 409, 412 ->
                throw new TrafficException(
                        "TRAFFIC_CHANGED",
                        settings.change() + " says that something else is there: " + reply.body(),
                        "Nothing was changed by this step. Find out who did, then plan again.");
            case 429, 503 -> throw refusal(settings.change(), reply);
            default -> {
                if (reply.status() >= 500) {
                    // It failed in the middle, or something before it lost its answer.
                    yield Outcome.of(
                            Outcome.Result.unknown(settings.endpoint(), "the answer was HTTP " + reply.status()));
                }
                throw refusal(settings.change(), reply);
            }
        };
    }

    private Outcome done(Outcome.Effect effect) {
        return Outcome.of(Outcome.Result.of(settings.endpoint(), effect, ""));
    }

    private void pause(Duration asked) {
        Instant until = patience.clock().instant().plus(asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked);
        do {
            patience.pause();
        } while (patience.clock().instant().isBefore(until));
    }

    private String body(Desired desired) {
        ObjectNode body = JSON.createObjectNode();
        body.put("version", 1).put("token", desired.token()).put("endpoint", settings.endpoint());
        ObjectNode shares = body.putObject("shares");
        settings.sites().stream()
                .sorted()
                .forEach(site -> shares.put(site, desired.shares().of(site)));
        desired.before().ifPresent(before -> {
            ObjectNode seen = body.putObject("before");
            settings.sites().stream()
                    .sorted()
                    .forEach(site -> seen.put(site, before.shares().of(site)));
        });
        desired.drain()
                .ifPresent(drain -> body.putObject("drain")
                        .put("seconds", drain.bound().toSeconds())
                        .put("closeRest", drain.closeRest()));
        return body.toString();
    }

    private static TrafficException unreachable(URI uri, IOException e) {
        return new TrafficException(
                "TRAFFIC_UNREACHABLE",
                uri + " cannot be asked: " + e.getMessage(),
                "Is it up, is its certificate trusted here, may this worker reach it?",
                e);
    }

    private static TrafficException refusal(URI uri, Receiver.Reply reply) {
        String said =
                uri + " answers HTTP " + reply.status() + ": " + reply.body().strip();
        Fault fault = switch (reply.status()) {
            case 401, 403 ->
                new Fault("TRAFFIC_DENIED", said, "Do both sides have the same secret, and clocks that agree?");
            case 404, 410 -> new Fault("TRAFFIC_PLACE_UNKNOWN", said, "Is the address right?");
            case 429, 502, 503, 504 -> new Fault("TRAFFIC_BUSY", said, "Its own log says why.");
            default -> new Fault("TRAFFIC_REFUSED", said, "Its own log says why.");
        };
        return fault.exception();
    }

    @Override
    public Verification verify(Desired desired, Instant deadline, Progress progress) {
        if (settings.status().isEmpty()) {
            return unverified.verification(patience.clock().instant());
        }
        desired.shares().requireKnown(settings.sites());
        return patience.verify(
                this::observe,
                desired,
                deadline,
                desired.before().map(before -> before.ttl()).filter(ttl -> !ttl.isZero()),
                progress);
    }

    @Override
    public void close() {}
}
