package dev.muster.embedded.stack;

import dev.muster.embedded.process.ChildJvm;
import java.net.URI;

/**
 * An API that serves.
 *
 * @param api where requests are taken
 * @param admin where health, readiness and metrics are shown
 */
public record RunningApi(ChildJvm process, URI api, URI admin) {}
