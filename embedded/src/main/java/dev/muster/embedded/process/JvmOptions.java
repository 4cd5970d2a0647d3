package dev.muster.embedded.process;

import java.util.ArrayList;
import java.util.List;

/** Options for the JVMs of a run: small, quick to start, and quiet on every Java from 17 on. The launcher has the same. */
final class JvmOptions {
    /** The first Java that knows the option, and one before the first that warns without it. */
    private static final int UNSAFE_OPTION_SINCE = 23;

    private JvmOptions() {}

    static List<String> forChildren() {
        List<String> options = new ArrayList<>(List.of(
                // Several JVMs share few cores: one thread for collection each, and no heap that grows to a quarter
                // of the machine.
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                // Compiled soon rather than best: what lives for seconds spends more on the second compiler than it
                // gains. A process that moves the data takes it back (Stack, the host's worker).
                "-XX:TieredStopAtLevel=1",
                // zstd and Temporal's transport load native code; newer Javas warn about it unless told.
                "--enable-native-access=ALL-UNNAMED",
                "-Dlogback.configurationFile=dev/muster/embedded/logging.xml",
                "-Dmuster.log.level=INFO"));
        if (Runtime.version().feature() >= UNSAFE_OPTION_SINCE) {
            // The shaded Netty and protobuf use sun.misc.Unsafe.
            options.add("--sun-misc-unsafe-memory-access=allow");
        }
        return options;
    }
}
