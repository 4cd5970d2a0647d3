package dev.muster.e2e;

import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.storage.testing.Thorough;
import org.junit.jupiter.api.Test;

/** With Temporal in this JVM. What is thorough here always runs with the real server. */
class KilledWorkersTest extends KilledWorkers {
    @Override
    TemporalChoice temporal() {
        return TemporalChoice.JVM;
    }

    @Override
    @Test
    @Thorough
    void aHostWorkerKilledInTheMiddleOfTheRestoreGoesOnWhereItWas() throws Exception {
        super.aHostWorkerKilledInTheMiddleOfTheRestoreGoesOnWhereItWas();
    }

    @Override
    @Test
    @Thorough
    void aControlWorkerKilledWhileTheRunWaitsForItsApprovalIsReplaced() throws Exception {
        super.aControlWorkerKilledWhileTheRunWaitsForItsApprovalIsReplaced();
    }
}
