package dev.muster.cli.repo;

import dev.muster.cli.output.Printable;
import dev.muster.sources.Named;
import dev.muster.sources.files.FileBackupResult;
import java.util.ArrayList;
import java.util.List;

/** What somebody who relies on a backup of a tree must know of it, in lines. */
final class Specials {
    private Specials() {}

    static List<String> of(FileBackupResult result) {
        List<String> lines = new ArrayList<>();
        add(lines, "NOT IN THE BACKUP, cannot be read", result.unreadable());
        add(lines, "Not in the backup, looks like a secret (--with-secrets, --include)", result.secrets());
        add(lines, "Not in the backup, neither file nor directory nor link", result.special());
        add(lines, "Not in the backup, another file system", result.otherFileSystems());
        add(lines, "Not in the backup, gone before it was read", result.vanished());
        add(lines, "Changed each time it was read, kept as read last", result.changed());
        return lines;
    }

    private static void add(List<String> lines, String what, Named named) {
        if (named.count() > 0) {
            lines.add(Printable.line(what + " (" + named.count() + "): " + named.some()));
        }
    }
}
