package dev.muster.runbooks;

import java.util.Optional;

/**
 * One thing that is wrong with a runbook, a system or what was observed. Never holds a secret: values of fields that
 * hold secrets are not repeated.
 *
 * @param code stable, upper case, listed in docs/reference/errors.md
 * @param message what is wrong, on what
 * @param hint what to write or to check instead
 * @param position where in which file; empty for what is no file's fault
 * @param field such as {@code spec.databases[0].host}; empty for a whole file
 */
public record Problem(String code, String message, String hint, Optional<Position> position, String field) {
    /**
     * A place in a file.
     *
     * @param line from 1
     * @param column from 1, in characters
     */
    public record Position(String file, int line, int column) {
        @Override
        public String toString() {
            return file + ":" + line + ":" + column;
        }
    }

    /** A problem of the state that was met, not of a file. */
    public static Problem of(String code, String message, String hint) {
        return new Problem(code, message, hint, Optional.empty(), "");
    }

    /** The same, at a place. */
    public Problem at(Optional<Position> place) {
        return new Problem(code, message, hint, place, field);
    }

    /** One line: {@code file:line:column: field: message Hint: ... [CODE]}. */
    @Override
    public String toString() {
        return position.map(at -> at + ": ").orElse("") + (field.isEmpty() ? "" : field + ": ") + message + " Hint: "
                + hint + " [" + code + "]";
    }
}
