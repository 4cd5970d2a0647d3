package dev.muster.drivers.traffic;

import java.util.List;
import java.util.Optional;

/** What a change came to, place by place. */
public record Outcome(List<Result> results) {
    public Outcome {
        results = List.copyOf(results);
    }

    /** What became of the change, at one place or as a whole. */
    public enum Effect {
        /** It is made. */
        CHANGED,
        /** It was so before; nothing was changed. */
        ALREADY,
        /** At least one place has it, and at least one certainly has not. Of a whole only. */
        PARTIAL,
        /** The place has it certainly not. Of one place only: where no place has it, an exception is thrown. */
        NOT_DONE,
        /** It was asked for, and no answer came: it may be made, now or later. To be observed before it is repeated. */
        UNKNOWN
    }

    /**
     * @param fault why it is not done or unknown
     * @param connectionsLeft still under way at sites that get nothing any more, when the place was left
     * @param detail in the place's words: the id of a change, how many connections were closed
     */
    public record Result(
            String place, Effect effect, Optional<Fault> fault, Optional<Long> connectionsLeft, String detail) {
        public static Result of(String place, Effect effect, String detail) {
            return new Result(place, effect, Optional.empty(), Optional.empty(), detail);
        }

        public static Result notDone(String place, Fault fault) {
            return new Result(place, Effect.NOT_DONE, Optional.of(fault), Optional.empty(), "");
        }

        /** @param why what was lost */
        public static Result unknown(String place, String why) {
            Fault fault = new Fault(
                    "TRAFFIC_OUTCOME_UNKNOWN",
                    "Whether " + place + " made the change is not known: " + why,
                    "Observe it; where it shows the old state, the same change may be asked for again.");
            return new Result(place, Effect.UNKNOWN, Optional.of(fault), Optional.empty(), "");
        }
    }

    public static Outcome of(Result result) {
        return new Outcome(List.of(result));
    }

    public Effect effect() {
        if (any(Effect.UNKNOWN)) {
            return Effect.UNKNOWN;
        }
        if (any(Effect.NOT_DONE)) {
            return Effect.PARTIAL;
        }
        return any(Effect.CHANGED) ? Effect.CHANGED : Effect.ALREADY;
    }

    private boolean any(Effect effect) {
        return results.stream().anyMatch(result -> result.effect() == effect);
    }
}
