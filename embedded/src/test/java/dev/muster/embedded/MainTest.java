package dev.muster.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
    @Test
    @DisplayName("A verb that is named is mounted alone, with all that belongs to it")
    void alone() {
        Main.commandLine().getSubcommands().forEach((name, whole) -> {
            CommandLine root = Main.commandLineFor(name, "--help");
            if (!Set.of("help", "completion").contains(name)) {
                assertThat(root.getSubcommands()).containsOnlyKeys(name);
            }
            CommandLine alone = Objects.requireNonNull(root.getSubcommands().get(name));
            assertThat(alone.getUsageMessage()).isEqualTo(whole.getUsageMessage());
            assertThat(alone.getSubcommands().keySet())
                    .isEqualTo(whole.getSubcommands().keySet());
        });
    }

    @Test
    @DisplayName("What needs to know all verbs does")
    void all() {
        Set<String> verbs = Main.commandLine().getSubcommands().keySet();
        assertThat(verbs).hasSizeGreaterThan(20);
        for (String first : new String[] {"help", "completion", "--help", "shedules", ""}) {
            assertThat(Main.commandLineFor(first).getSubcommands().keySet())
                    .as(first)
                    .isEqualTo(verbs);
        }
        assertThat(Main.commandLineFor().getSubcommands().keySet()).isEqualTo(verbs);
    }
}
