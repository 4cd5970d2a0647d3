package dev.muster.cli.systems;

import dev.muster.cli.output.Printable;
import dev.muster.runbooks.Fence;
import dev.muster.runbooks.Member;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.Replication;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.SystemDescription.Database;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A system's databases and their members in lines for people, as comments of its YAML. */
final class MemberLines {
    private MemberLines() {}

    /** Of a text that may be of a newer version than this program. */
    static List<String> of(String yaml) {
        try {
            return RunbookFiles.read(List.of(new SourceText("system", yaml))).systems().stream()
                    .flatMap(loaded -> of(loaded.system()).stream())
                    .toList();
        } catch (RunbookException e) {
            Problem first = e.problems().get(0);
            return List.of("# This version cannot read it: " + Printable.line(first.toString()));
        }
    }

    private static List<String> of(SystemDescription system) {
        List<String> lines = new ArrayList<>();
        for (Database database : system.databases()) {
            List<Member> members = database.members();
            lines.add("# database " + database.name() + ": "
                    + (members.size() == 1
                            ? "one member"
                            : members.size() + " members, " + mode(database.replication()))
                    + "; fence: "
                    + database.fences().stream().map(Fence::method).collect(Collectors.joining(", ")));
            int widest = members.stream()
                    .mapToInt(member -> member.name().length())
                    .max()
                    .orElse(0);
            members.forEach(member -> lines.add("#   " + String.format("%-" + widest + "s", member.name()) + "  at "
                    + member.site() + ", host " + member.host() + ", " + Printable.line(member.reachedAt() + "")
                    + standing(member, members.size())));
        }
        return lines;
    }

    private static String mode(Replication replication) {
        Replication.Synchronous synchronous = replication.synchronous();
        return replication.mode().id() + (synchronous == null ? "" : ": " + synchronous.setting());
    }

    private static String standing(Member member, int members) {
        if (members == 1) {
            return "";
        }
        return (member.promotable() ? ", priority " + member.priority() : ", never promoted")
                + (member.upstream() == null ? "" : ", streams from " + member.upstream());
    }
}
