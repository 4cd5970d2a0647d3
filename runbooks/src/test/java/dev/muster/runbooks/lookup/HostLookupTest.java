package dev.muster.runbooks.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.Problem;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HostLookupTest {
    private static MentionedHost mentioned(String host) {
        return new MentionedHost(host, new Problem.Position("orders.yaml", 7, 3), "spec.endpoints[0].sql.host");
    }

    @Test
    void aHostThatNobodyKnowsIsWarnedAboutWithItsPlaceAndOneThatIsKnownIsNot() {
        // .invalid is never known (RFC 2606); an address is, without a name server.
        List<Problem> warnings =
                new HostLookup().warnings(List.of(mentioned("127.0.0.1"), mentioned("[::1]"), mentioned("db.invalid")));
        assertThat(warnings).singleElement().satisfies(warning -> {
            assertThat(warning.code()).isIn("HOST_UNKNOWN", "HOST_LOOKUP_SLOW");
            assertThat(warning.toString())
                    .startsWith("orders.yaml:7:3: spec.endpoints[0].sql.host: ")
                    .contains("'db.invalid'");
        });
    }

    @Test
    void noAnswerInTimeIsToldAsThatAndNotAsAnUnknownHost() {
        CountDownLatch never = new CountDownLatch(1);
        HostLookup lookup = new HostLookup(
                host -> {
                    if (host.equals("slow")) {
                        return wait(never);
                    }
                    throw new UnknownHostException(host);
                },
                Duration.ofMillis(200));
        assertThat(lookup.warnings(List.of(mentioned("slow"), mentioned("gone"))))
                .extracting(Problem::code)
                .containsExactly("HOST_LOOKUP_SLOW", "HOST_UNKNOWN");
    }

    private static boolean wait(CountDownLatch never) throws UnknownHostException {
        try {
            never.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnknownHostException("interrupted");
        }
    }

    @Test
    void aHostThatIsMentionedOftenIsAskedForOnceAndWarnedAboutAtEachPlace() {
        Queue<String> asked = new ConcurrentLinkedQueue<>();
        HostLookup lookup = new HostLookup(
                host -> {
                    asked.add(host);
                    return false;
                },
                Duration.ofSeconds(30));
        List<MentionedHost> many =
                IntStream.range(0, 50).mapToObj(i -> mentioned("db" + i % 2)).toList();
        assertThat(lookup.warnings(many)).hasSize(50);
        assertThat(asked).containsExactlyInAnyOrder("db0", "db1");
        assertThat(lookup.warnings(List.of())).isEmpty();
    }
}
