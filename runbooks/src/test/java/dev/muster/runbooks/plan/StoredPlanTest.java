package dev.muster.runbooks.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.RunbookException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans as bytes under a hash. */
class StoredPlanTest {
    private final StoredPlan stored = StoredPlan.of(
            Examples.compileShipped("point-in-time-recovery", Examples.state().observed()));

    @ParameterizedTest
    @MethodSource("dev.muster.runbooks.yaml.ShippedRunbooks#names")
    void aPlanThatIsReadBackIsTheSamePlanWithTheSameHash(String scenario) {
        Examples.State state = Examples.state();
        state.expiry = Examples.expiry(Examples.OLDER);
        StoredPlan written = StoredPlan.of(Examples.compileShipped(scenario, state.observed()));
        StoredPlan read = StoredPlan.read(written.bytes(), written.hash());
        assertThat(read.plan()).isEqualTo(written.plan());
        assertThat(read.bytes()).isEqualTo(written.bytes());
        assertThat(read.hash()).isEqualTo(written.hash());
        assertThat(StoredPlan.read(written.json(), written.hash()).plan()).isEqualTo(written.plan());
        assertThat(StoredPlan.of(read.plan()).hash()).isEqualTo(written.hash());
    }

    @Test
    void theHashIsOfTheStoredBytesEvenWhereTheyAreNotWhatThisVersionWouldWrite() {
        byte[] spaced = stored.json().replaceFirst("\\{", "{ ").getBytes(StandardCharsets.UTF_8);
        String hash = StoredPlan.hash(spaced);
        StoredPlan read = StoredPlan.read(spaced, hash);
        assertThat(read.hash()).isEqualTo(hash).isNotEqualTo(stored.hash());
        assertThat(read.bytes()).isEqualTo(spaced);
        assertThat(read.plan()).isEqualTo(stored.plan());
    }

    @Test
    void whoChangesAReturnedArrayDoesNotChangeThePlan() {
        stored.bytes()[0] = 'x';
        byte[] given = stored.bytes();
        StoredPlan read = StoredPlan.read(given, stored.hash());
        given[1] = 'x';
        assertThat(StoredPlan.hash(read.bytes())).isEqualTo(stored.hash());
    }

    @Test
    void oneChangedByteIsRefused() {
        byte[] bytes = stored.bytes();
        for (int i = 0; i < bytes.length; i += 97) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> StoredPlan.read(changed, stored.hash()))
                    .satisfies(thrown -> assertCode(thrown, "PLAN_ALTERED"));
        }
    }

    @Test
    void anotherVersionAFieldThatIsNotKnownAndAFieldThatStandsTwiceAreRefused() {
        refused(stored.json().replace("\"schema\":1", "\"schema\":2"), "PLAN_VERSION_UNKNOWN");
        refused(stored.json().replace("\"schema\":1", "\"schema\":1,\"unless\":true"), "PLAN_UNREADABLE");
        refused(stored.json().replace("\"schema\":1", "\"schema\":1,\"schema\":1"), "PLAN_UNREADABLE");
        refused(stored.json() + "{}", "PLAN_UNREADABLE");
        refused("null", "PLAN_VERSION_UNKNOWN");
        refused("", "PLAN_VERSION_UNKNOWN", "PLAN_UNREADABLE");
        refused("[".repeat(100_000), "PLAN_UNREADABLE");
        refused(" ".repeat(StoredPlan.LARGEST + 1), "PLAN_TOO_LARGE");
        refused(stored.json().replace("\"runId\"", "\"system\""), "PLAN_UNREADABLE");
        refused(stored.json().replace("\"phases\":[", "\"phases\":[null,"), "PLAN_UNREADABLE");
    }

    @Test
    void aFieldThatIsMissingIsRefused() {
        for (String field : List.of("requester", "sources", "observedAt", "database", "phases", "bounds", "loss")) {
            refused(
                    stored.json().replaceFirst("\"" + field + "\":", "\"" + field + "\":null,\"" + field + "2\":"),
                    "PLAN_UNREADABLE");
        }
    }

    private static void refused(String json, String... codes) {
        assertThatThrownBy(() -> StoredPlan.read(json, StoredPlan.hash(json.getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(RunbookException.class)
                .satisfies(thrown -> assertThat(codes).contains(((RunbookException) thrown).code()));
    }

    private static void assertCode(Throwable thrown, String code) {
        assertThat(thrown).isInstanceOf(RunbookException.class);
        assertThat(((RunbookException) thrown).code()).isEqualTo(code);
    }

    /**
     * Bytes that an earlier build wrote. If this cannot be read any more, runs that wait for an approval are lost by an
     * upgrade: give the changed form another schema version, and keep reading this one.
     */
    @Test
    void thePlanOfAnEarlierBuildIsStillRead() {
        String fixture = Examples.resource("plan/point-in-time-recovery-1.json").text();
        String hash =
                Examples.resource("plan/point-in-time-recovery-1.sha256").text().strip();
        StoredPlan read = StoredPlan.read(fixture, hash);
        assertThat(read.hash()).isEqualTo(hash);
        assertThat(StoredPlan.of(read.plan()).json()).isEqualTo(fixture);
        assertThat(StoredPlan.of(read.plan()).hash()).isEqualTo(hash);
    }

    /** Fails when the compiler's output changes, be it a title: look at the difference, then write the fixture anew. */
    @Test
    void theCompilerStillGivesTheCommittedPlan() {
        assertThat(stored.json())
                .isEqualTo(
                        Examples.resource("plan/point-in-time-recovery-1.json").text());
    }

    @Test
    void neitherTheLocaleNorTheZoneOfTheMachineChangesTheHash() {
        Locale locale = Locale.getDefault();
        TimeZone zone = TimeZone.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));
            assertThat(StoredPlan.of(Examples.compileShipped(
                                    "point-in-time-recovery", Examples.state().observed()))
                            .hash())
                    .isEqualTo(stored.hash());
        } finally {
            Locale.setDefault(locale);
            TimeZone.setDefault(zone);
        }
    }

    /** Examples of RFC 8785: sorting by UTF-16 code units, and the shortest escapes. */
    @Test
    void canonicalBytesFollowTheStandard() {
        // Above the basic plane but with a surrogate below U+FB33: code points would sort the other way round.
        assertThat(canonical(Map.of(
                        "\u20ac",
                        "Euro",
                        "\r",
                        "CR",
                        "1",
                        "One",
                        "\ud83d\ude02",
                        "Smiley",
                        "\u00f6",
                        "o",
                        "\ufb33",
                        "Dalet")))
                .isEqualTo("{\"\\r\":\"CR\",\"1\":\"One\",\"\u00f6\":\"o\",\"\u20ac\":\"Euro\","
                        + "\"\ud83d\ude02\":\"Smiley\",\"\ufb33\":\"Dalet\"}");
        assertThat(canonical(Map.of("string", "\u20ac$\u000F\nA'B\"\\\\\"/")))
                .isEqualTo("{\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
        assertThat(canonical(List.of(9_007_199_254_740_991L, -1, 0))).isEqualTo("[9007199254740991,-1,0]");
    }

    @Test
    void aNumberThatRfc8785CannotCarryExactlyIsRefused() {
        assertThatThrownBy(() -> CanonicalJson.write(List.of(9_007_199_254_740_992L)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CanonicalJson.write(List.of(0.1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CanonicalJson.write(List.of(Long.MIN_VALUE)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String canonical(Object value) {
        return new String(CanonicalJson.write(value), StandardCharsets.UTF_8);
    }
}
