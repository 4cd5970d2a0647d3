package dev.muster.worker;

import dev.muster.catalog.CatalogSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a worker process is told.
 *
 * @param site null if it is no site's worker
 * @param host null if it is no host's worker
 * @param state the folder for what must survive the process
 * @param approvers the folder of public keys
 * @param systems files of the systems that it serves
 * @param catalog where the runs' records are kept; null if nowhere. Only for control workers
 */
public record Settings(
        boolean control,
        @Nullable String site,
        @Nullable Host host,
        Path state,
        Path approvers,
        List<Path> systems,
        @Nullable CatalogSettings catalog) {
    public Settings {
        systems = List.copyOf(systems);
    }

    /**
     * @param approverRole the role that this host itself asks of an approver
     * @param programs the folder that holds PostgreSQL's {@code bin}
     */
    public record Host(
            String name,
            String approverRole,
            Path programs,
            Path copies,
            int firstPort,
            int lastPort,
            Map<String, Path> commands) {
        public Host {
            commands = Map.copyOf(commands);
        }
    }
}
