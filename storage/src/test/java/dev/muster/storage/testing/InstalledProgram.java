package dev.muster.storage.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * A program for tests that does not come with Maven.
 *
 * @param name of the file
 * @param variable of the environment that may say where it is, such as {@code MUSTER_AZURITE}; the property is
 *     {@code muster.azurite}
 * @param usual where its installer puts it, below the home directory
 * @param install how to get it
 */
public record InstalledProgram(String name, String variable, List<String> usual, String install) {
    /** One that Go installs. */
    public static InstalledProgram ofGo(String name, String variable, String install) {
        return new InstalledProgram(name, variable, List.of("go/bin/" + name), install);
    }

    /** Says loudly how to get it where it is not. */
    public Optional<Path> find() {
        Optional<Path> found = Optional.ofNullable(
                        System.getProperty(variable.toLowerCase(Locale.ROOT).replace('_', '.')))
                .or(() -> Optional.ofNullable(System.getenv(variable)))
                .map(Path::of)
                .or(() -> places().filter(Files::isExecutable).findFirst());
        if (found.isEmpty()) {
            Thorough.Loud.say(missing());
        }
        return found;
    }

    /** @throws TestAbortedException loudly, if it is not there */
    public Path require() {
        return find().orElseThrow(() -> new TestAbortedException(missing()));
    }

    private Stream<Path> places() {
        Stream<Path> path = Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name));
        return Stream.concat(path, usual.stream().map(place -> Path.of(System.getProperty("user.home"), place)));
    }

    private String missing() {
        return "NOT TESTED, NO PROGRAM '" + name + "' HERE. To get it: " + install + "; or say where it is: " + variable
                + "=/PATH";
    }
}
