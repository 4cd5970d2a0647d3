package dev.muster.drivers.traffic;

import java.util.Optional;

/**
 * One of those who decide where traffic goes: a name server, an HAProxy.
 *
 * @param way how it was asked, such as {@code DNS query over UDP to 192.0.2.1:53}
 */
public record Place(String name, String way, Answer answer) {
    public Optional<Answer.Shown> shown() {
        return answer instanceof Answer.Shown shown ? Optional.of(shown) : Optional.empty();
    }

    public Optional<Fault> fault() {
        return answer instanceof Answer.Silent silent ? Optional.of(silent.fault()) : Optional.empty();
    }
}
