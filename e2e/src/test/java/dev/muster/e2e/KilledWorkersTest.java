package dev.muster.e2e;

import dev.muster.embedded.stack.TemporalChoice;

/** With Temporal in this JVM. */
class KilledWorkersTest extends KilledWorkers {
    @Override
    TemporalChoice temporal() {
        return TemporalChoice.JVM;
    }
}
