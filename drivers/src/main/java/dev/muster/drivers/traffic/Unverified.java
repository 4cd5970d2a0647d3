package dev.muster.drivers.traffic;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a driver answers that has nobody to ask: it does not pretend, and only whoever accepted that gets by. */
public record Unverified(String endpoint, boolean accepted) {
    public Fault fault() {
        return new Fault(
                "TRAFFIC_NOT_VERIFIABLE",
                "Nobody can be asked where the traffic of " + endpoint + " goes",
                "Give a way to ask, or accept in the endpoint's description that a switch is not proven.");
    }

    public Observation observation(Instant at) {
        return new Observation(at, List.of(new Place(endpoint, "not at all", new Answer.Silent(fault()))));
    }

    public Readiness readiness() {
        return accepted ? new Readiness(List.of(), List.of(fault())) : new Readiness(List.of(fault()), List.of());
    }

    /** @throws TrafficException TRAFFIC_NOT_VERIFIABLE unless that was accepted */
    public void requireAccepted() {
        if (!accepted) {
            throw fault().exception();
        }
    }

    public Verification verification(Instant at) {
        requireAccepted();
        return new Verification(Verification.Standing.CANNOT, observation(at), List.of(fault()), Optional.empty());
    }
}
