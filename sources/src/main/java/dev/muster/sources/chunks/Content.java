package dev.muster.sources.chunks;

import dev.muster.repository.MapRef;
import java.util.List;

/**
 * Content that was stored.
 *
 * @param size in bytes, as read
 * @param maps where it is
 * @param known bytes of it that an older backup, or an earlier reading, had
 */
public record Content(long size, List<MapRef> maps, long known) {
    public Content {
        maps = List.copyOf(maps);
    }
}
