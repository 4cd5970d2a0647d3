package dev.muster.embedded.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private static final long SECOND = 1_000_000_000L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicLong now = new AtomicLong(7 * SECOND);

    @Test
    void withoutATerminalEachStepIsALineAtItsStartAndOneAtItsEnd() {
        Console console = console(false, false, false);
        now.addAndGet(SECOND);
        Console.Step step = console.step("Restore the backup");
        now.addAndGet(2 * SECOND);
        step.note("half of it");
        now.addAndGet(SECOND / 2);
        step.done("347 MB");
        Console.Step other = console.step("Replay");
        other.failed("WAL is missing");
        assertThat(printed()).isEqualTo("""
                            1.0 s  start  Restore the backup
                            3.0 s         Restore the backup: half of it
                            3.5 s  done   Restore the backup (2.5 s): 347 MB
                            3.5 s  start  Replay
                            3.5 s  FAIL   Replay (0.0 s): WAL is missing
                        """);
    }

    @Test
    void onATerminalAStepIsCompletedInItsLineUnlessSomethingCameBetween() {
        Console console = console(true, false, false);
        Console.Step step = console.step("Restore");
        now.addAndGet(SECOND);
        step.done("347 MB");
        Console.Step other = console.step("Replay");
        console.line("A worker was killed.");
        other.failed("WAL is missing");
        assertThat(printed())
                .isEqualTo("  · Restore\r  ✓ " + "Restore" + " ".repeat(39) + "      1.0 s  347 MB\n" + "  · Replay\n"
                        + "A worker was killed.\n" + "  ✗ Replay" + " ".repeat(40) + "      0.0 s  WAL is missing\n");
    }

    @Test
    void coloursAreUsedOnlyWhenAskedForAndCharactersOnlyWhenTheyCanBeWritten() {
        console(true, false, true).step("Restore").done("347 MB");
        assertThat(printed()).doesNotContain("\u001B").isASCII();
        console(true, true, true).step("Restore").done("347 MB");
        assertThat(printed()).contains("\u001B[32m+\u001B[0m");
    }

    private Console console(boolean terminal, boolean colours, boolean plainCharacters) {
        return new Console(
                new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal, colours, plainCharacters, now::get);
    }

    private String printed() {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return text;
    }
}
