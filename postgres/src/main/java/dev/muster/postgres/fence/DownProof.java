package dev.muster.postgres.fence;

import java.util.List;

/**
 * What was seen of a server that should be down. Each counts: a backend can commit after its postmaster is gone, a server
 * in another container shows no process here, and one whose files were moved answers on its port.
 *
 * @param noProcess nothing of PostgreSQL works in the data directory
 * @param portClosed a connection to its address is refused; a time-out is not that
 * @param noStarter no starter script is about to start it
 * @param findings what speaks against it, empty if proved
 */
public record DownProof(boolean noProcess, boolean portClosed, boolean noStarter, List<String> findings) {
    public DownProof {
        findings = List.copyOf(findings);
    }

    public boolean proved() {
        return noProcess && portClosed && noStarter;
    }
}
