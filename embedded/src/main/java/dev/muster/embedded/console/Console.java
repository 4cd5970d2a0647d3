package dev.muster.embedded.console;

import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a run prints while it goes on. On a terminal each step is one line that is completed in place; elsewhere each
 * step is one line at its start and one at its end, for logs. Colours only on a terminal, and not where NO_COLOR is set.
 * Safe for use by several threads.
 */
public final class Console {
    private static final int NAME_WIDTH = 46;
    private static final double NANOS_PER_SECOND = 1e9;

    private enum Tone {
        GREEN("32"),
        RED("31"),
        BOLD("1"),
        DIM("2");

        private final String code;

        Tone(String code) {
            this.code = code;
        }
    }

    private final PrintStream out;
    private final boolean terminal;
    private final boolean colours;
    private final boolean plainCharacters;
    private final LongSupplier nanoTime;
    private final long start;
    /** The step whose line is still open on the terminal. */
    private @Nullable Step open;

    Console(PrintStream out, boolean terminal, boolean colours, boolean plainCharacters, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.colours = colours;
        this.plainCharacters = plainCharacters;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
    }

    /**
     * Standard output. The launcher says whether it is a terminal ({@code -Dmuster.terminal=true}), because newer Javas
     * hand out a console even where there is none.
     */
    public static Console standard() {
        Map<String, String> environment = System.getenv();
        boolean terminal = Boolean.getBoolean("muster.terminal") && !"dumb".equals(environment.get("TERM"));
        String noColor = environment.getOrDefault("NO_COLOR", "");
        Charset charset = charset();
        return new Console(
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, charset),
                terminal,
                terminal && noColor.isEmpty(),
                !charset.newEncoder().canEncode('✓'),
                System::nanoTime);
    }

    private static Charset charset() {
        String name = System.getProperty("stdout.encoding", System.getProperty("native.encoding", "UTF-8"));
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.US_ASCII;
    }

    /** An empty line, then the text in bold. */
    public synchronized void heading(String text) {
        leaveOpenLine();
        out.println();
        out.println(coloured(Tone.BOLD, text));
    }

    public synchronized void line(String text) {
        leaveOpenLine();
        out.println(text);
    }

    /** A step begins. It must be ended by one of its own methods. */
    public synchronized Step step(String name) {
        leaveOpenLine();
        Step step = new Step(name, nanoTime.getAsLong());
        if (terminal) {
            out.print("  " + coloured(Tone.DIM, plainCharacters ? "." : "·") + " " + name);
            out.flush();
            open = step;
        } else {
            out.println(clock() + "  start  " + name);
        }
        return step;
    }

    /** What goes on, timed from {@link Console#step} on. */
    public final class Step {
        private final String name;
        private final long began;

        private Step(String name, long began) {
            this.name = name;
            this.began = began;
        }

        /** Something worth knowing before the end. */
        public void note(String text) {
            line(terminal ? "      " + coloured(Tone.DIM, text) : clock() + "         " + name + ": " + text);
        }

        /** @param detail what was done, in a few words; may be empty */
        public void done(String detail) {
            end(this, true, detail);
        }

        public void failed(String why) {
            end(this, false, why);
        }
    }

    private synchronized void end(Step step, boolean good, String detail) {
        double seconds = (nanoTime.getAsLong() - step.began) / NANOS_PER_SECOND;
        if (!terminal) {
            out.println(String.format(
                    Locale.ROOT,
                    "%s  %-5s  %s (%.1f s)%s",
                    clock(),
                    good ? "done" : "FAIL",
                    step.name,
                    seconds,
                    detail.isEmpty() ? "" : ": " + detail));
            return;
        }
        if (open == step) {
            // Back to the start of the line that this step began with.
            out.print('\r');
            open = null;
        } else {
            leaveOpenLine();
        }
        String mark = good
                ? coloured(Tone.GREEN, plainCharacters ? "+" : "✓")
                : coloured(Tone.RED, plainCharacters ? "x" : "✗");
        out.println(String.format(
                        Locale.ROOT,
                        "  %s %-" + NAME_WIDTH + "s %8.1f s  %s",
                        mark,
                        step.name,
                        seconds,
                        good ? coloured(Tone.DIM, detail) : detail)
                .stripTrailing());
    }

    private void leaveOpenLine() {
        if (open != null) {
            out.println();
            open = null;
        }
    }

    private String clock() {
        return String.format(Locale.ROOT, "%7.1f s", (nanoTime.getAsLong() - start) / NANOS_PER_SECOND);
    }

    private String coloured(Tone tone, String text) {
        return colours && !text.isEmpty() ? "\u001B[" + tone.code + "m" + text + "\u001B[0m" : text;
    }
}
