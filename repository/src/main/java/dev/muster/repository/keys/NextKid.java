package dev.muster.repository.keys;

import com.github.f4b6a3.ulid.Ulid;
import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.repository.RepositoryException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The id of a new master key, which sorts behind all that are there. */
final class NextKid {
    private NextKid() {}

    /** @throws RepositoryException KEY_CLOCK_WRONG */
    static String after(Set<String> kids, Clock clock) {
        Ulid now = UlidCreator.getUlid(clock.millis());
        String youngest = new TreeSet<>(kids).last();
        if (HexFormat.of().formatHex(now.toBytes()).compareTo(youngest) > 0) {
            return HexFormat.of().formatHex(now.toBytes());
        }
        try {
            // A clock was wrong once, or is now: the new one must sort behind all the same.
            String next = HexFormat.of()
                    .formatHex(Ulid.from(HexFormat.of().parseHex(youngest))
                            .increment()
                            .toBytes());
            if (next.compareTo(youngest) > 0) {
                return next;
            }
        } catch (IllegalArgumentException e) {
            throw clockWrong(youngest, e);
        }
        throw clockWrong(youngest, null);
    }

    private static RepositoryException clockWrong(String youngest, @Nullable Exception cause) {
        String message = "No key id sorts behind " + youngest + ", so that a new key would not be used.";
        String hint =
                "Look at the slots below keys/" + youngest + "/: Muster has not made them. Delete what is not yours.";
        return cause == null
                ? new RepositoryException("KEY_CLOCK_WRONG", message, hint)
                : new RepositoryException("KEY_CLOCK_WRONG", message, hint, cause);
    }
}
