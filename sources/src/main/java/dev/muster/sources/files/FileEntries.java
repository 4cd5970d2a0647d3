package dev.muster.sources.files;

import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.LinkTarget;
import dev.muster.sources.filesystem.FileFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** What a file of a tree is as an entry of a backup, and whether it is still the one that an older backup has. */
public final class FileEntries {
    /** Of a backup's header and summary: what kind it is. */
    public static final String WHAT = "files";

    /** Attribute: names of one file have the same value. */
    public static final String LINK = "link";

    private static final String INODE = "inode";
    private static final String CHANGED = "changed";

    /**
     * A change in the tick of the reading, up to 2 s, would not show; nor does one through mapped memory until the kernel
     * has written the page that was changed before, which Linux does after some 35 s.
     */
    private static final Duration SETTLED = Duration.ofMinutes(5);

    private FileEntries() {}

    static Entry directory(EntryPath path, FileFacts facts) {
        return with(Entry.directory(path, facts.mode()), facts);
    }

    static Entry symlink(EntryPath path, FileFacts facts, LinkTarget target) {
        return with(Entry.symlink(path, target), facts);
    }

    /**
     * @param size as read
     * @param steady whether the file did not change while it was read
     * @param now before it was read
     */
    static Entry file(EntryPath path, FileFacts facts, long size, boolean steady, Instant now) {
        Map<String, String> attributes = new HashMap<>();
        if (facts.links() > 1) {
            attributes.put(LINK, facts.device() + ":" + facts.inode());
        }
        if (steady && facts.changed().isBefore(now.minus(SETTLED))) {
            attributes.put(INODE, Long.toString(facts.inode()));
            attributes.put(CHANGED, facts.changed().toString());
        }
        return with(Entry.file(path, facts.mode(), size), facts).withAttributes(attributes);
    }

    private static Entry with(Entry entry, FileFacts facts) {
        return entry.withOwner(facts.uid(), facts.gid()).withModified(facts.modified());
    }

    /**
     * Whether a file has, as far as the kernel tells, the content that an older backup has of it. Size and time of
     * modification alone would not do: programs set that time back (tar, cp -p, rsync). The kernel's own time of the last
     * change cannot be set, and the inode tells when another file was moved into its place.
     */
    static boolean unchanged(Entry older, FileFacts facts) {
        return older.type() == Entry.Type.FILE
                && older.size() == facts.size()
                && facts.modified().equals(older.modified())
                && Long.toString(facts.inode()).equals(older.attributes().get(INODE))
                && facts.changed().toString().equals(older.attributes().get(CHANGED));
    }
}
