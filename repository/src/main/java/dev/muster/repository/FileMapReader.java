package dev.muster.repository;

import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.FramedObject;
import dev.muster.repository.frames.FramedStore;
import java.util.Arrays;
import java.util.List;

/** Reads file maps of any backup of one source. Thread-safe. */
final class FileMapReader {
    private static final int RECENT_MAP_FRAMES = 32;
    /** Each takes up to 200 kB. A file that has not changed for long has its map in an old backup. */
    private static final int RECENT_MAPS = 64;

    private final String source;
    private final FramedStore framed;
    private final RecentObjects<FramedObject> maps;
    /** Small files have their maps in one frame by the hundreds: it is decoded once for all of them. */
    private final RecentObjects<byte[]> mapFrames = new RecentObjects<>(RECENT_MAP_FRAMES, this::mapFrame);

    FileMapReader(String source, FramedStore framed) {
        this.source = source;
        this.framed = framed;
        this.maps = new RecentObjects<>(RECENT_MAPS, key -> framed.open(ObjectType.MAP, key));
    }

    /** @throws RepositoryException OBJECT_DAMAGED */
    List<Run> runs(MapRef map) {
        String key = Paths.map(source, map.backup(), map.object());
        int skip = (int) (map.offset() % Frame.MAX_RAW);
        if (skip + map.length() <= Frame.MAX_RAW) {
            byte[] frame = mapFrames.get(map.offset() / Frame.MAX_RAW + " " + key);
            if (skip + map.length() > frame.length) {
                throw Damage.of(key, "the file map at " + map.offset() + " ends behind it");
            }
            return FileMap.decode(key, map, Arrays.copyOfRange(frame, skip, skip + map.length()));
        }
        FramedObject object = maps.get(key);
        byte[] bytes = framed.decoding(decoder -> object.read(decoder, map.offset(), map.length()));
        return FileMap.decode(key, map, bytes);
    }

    /** @param place a frame's number and its map object's key, with a space in between */
    private byte[] mapFrame(String place) {
        int space = place.indexOf(' ');
        String key = place.substring(space + 1);
        long number = Long.parseLong(place.substring(0, space));
        FramedObject object = maps.get(key);
        if (number >= object.frames().size()) {
            throw Damage.of(key, "it has only " + object.frames().size() + " frames");
        }
        Frame frame = object.frames().get((int) number);
        byte[] raw = new byte[Frame.MAX_RAW];
        framed.decoding(decoder -> {
            object.read(frame, decoder, raw);
            return frame;
        });
        return frame.rawLength() == raw.length ? raw : Arrays.copyOf(raw, frame.rawLength());
    }
}
