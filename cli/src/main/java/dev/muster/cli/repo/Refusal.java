package dev.muster.cli.repo;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import java.util.Optional;

/** What was typed and cannot be; said before anything is touched. */
final class Refusal {
    private Refusal() {}

    /** @param verb as it is typed, such as {@code repo expire} */
    static CliException of(String why, String verb) {
        String hint = "muster " + verb + " --help says what each option takes.";
        return new CliException("OPTIONS_REFUSED", why, hint, ExitCode.BAD_INPUT);
    }

    static <T> T unless(Optional<T> understood, String why, String verb) {
        return understood.orElseThrow(() -> of(why, verb));
    }
}
