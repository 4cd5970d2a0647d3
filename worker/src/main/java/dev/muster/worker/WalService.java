package dev.muster.worker;

import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.wal.WalReceiver;
import dev.muster.repository.Repository;
import dev.muster.runbooks.SystemDescription;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.Optional;

/** Receives one database's WAL for as long as the worker lives, whatever becomes of Temporal. */
final class WalService implements AutoCloseable {
    private final WalReceiver receiver;

    private WalService(WalReceiver receiver) {
        this.receiver = receiver;
    }

    /** Starts; a database or store that is away is waited for by the receiver itself. */
    static WalService start(ProtectedDatabase database, Repository repository, Clock clock) {
        SystemDescription.Connection live = database.description().connection();
        ServerAddress address = ServerAddress.trusted(live.host(), live.port(), live.user())
                .withPassword(database::password)
                .withTls(
                        isLoopback(live.host()) ? ServerAddress.Tls.DISABLE : ServerAddress.Tls.REQUIRE,
                        Optional.empty());
        WalReceiver receiver = new WalReceiver(
                address,
                repository,
                database.source(),
                WalReceiver.Settings.defaults(database.description().replicationSlot()),
                clock);
        receiver.start();
        return new WalService(receiver);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            // Not known now: the receiver will say so when it connects. Until then, the safe side.
            return false;
        }
    }

    @Override
    public void close() {
        receiver.close();
    }
}
