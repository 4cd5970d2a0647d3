package dev.muster.postgres.lease;

import dev.muster.postgres.fence.DownProof;
import dev.muster.postgres.fence.StopStep;

/** Is told what becomes of a lease; called by the keeper's threads, and not for long. */
public interface LeaseListener {
    /** A renewal failed; the server runs on until the lease's time says otherwise. */
    void renewalFailed(RuntimeException trouble);

    /** The server runs past the starter: nothing but this process watches its lease. */
    void unguarded();

    /** The lease is lost, and the server was stopped; the proof says whether it is down. */
    void lost(String why, StopStep step, DownProof proof);

    /** The lease is lost, and the server could not be stopped from here; the guard stops it if it was started by the starter. */
    void stopFailed(RuntimeException trouble);
}
