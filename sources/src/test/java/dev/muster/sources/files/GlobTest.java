package dev.muster.sources.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "*.log, app.log, true",
        "*.log, var/deep/app.log, true",
        "*.log, app.log.1, false",
        "/app.log, app.log, true",
        "/app.log, var/app.log, false",
        "var/*.log, var/app.log, true",
        "var/*.log, var/deep/app.log, false",
        "var/**, var/deep/app.log, true",
        "**/app.log, app.log, true",
        "a/**/z, a/z, true",
        "a/**/z, a/b/c/z, true",
        "a/**/z, a/b/c/y, false",
        "file-[0-9], file-7, true",
        "file-[!0-9], file-7, false",
        "file-[]x], file-], true",
        "a?c, abc, true",
        "a?c, ac, false",
        "a\\*c, a*c, true",
        "a\\*c, abc, false",
        "*, .hidden, true",
        "a*b*c, aXbYbZc, true"
    })
    void matchesAsTheReferenceSays(String pattern, String path, boolean matches) {
        assertThat(Glob.of(pattern).matches(List.of(path.split("/")), false)).isEqualTo(matches);
    }

    @Test
    void aSlashAtTheEndAsksForADirectory() {
        assertThat(Glob.of("cache/").matches(List.of("a", "cache"), true)).isTrue();
        assertThat(Glob.of("cache/").matches(List.of("a", "cache"), false)).isFalse();
    }

    @Test
    void saysWhetherSomethingBelowADirectoryCouldMatch() {
        assertThat(Glob.of("etc/app/*.conf").mayMatchBelow(List.of("etc"))).isTrue();
        assertThat(Glob.of("etc/app/*.conf").mayMatchBelow(List.of("etc", "app")))
                .isTrue();
        assertThat(Glob.of("etc/app/*.conf").mayMatchBelow(List.of("var"))).isFalse();
        assertThat(Glob.of("*.conf").mayMatchBelow(List.of("var"))).isTrue();
        assertThat(Glob.of("a/**").mayMatchBelow(List.of("a", "b", "c"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a//b", "../a", "a/./b", "a[", "a[]", "a\\"})
    void refusesWhatMeansNothing(String pattern) {
        assertThatThrownBy(() -> Glob.of(pattern)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPatternOfManyStarsTakesNoLongTime() {
        String pattern = "a*".repeat(60) + "b";
        String name = "a".repeat(255);
        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertThat(Glob.of(pattern).matches(List.of(name), false)).isFalse());
        String deep = "**/a/".repeat(100) + "b";
        assertThat(Glob.of(deep).matches(java.util.Collections.nCopies(2_000, "a"), false))
                .isFalse();
    }
}
