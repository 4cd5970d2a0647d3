package dev.muster.repository.keys;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ARN of a key in AWS KMS. A multi-Region key ({@code mrk-...}) is the same key in all of its Regions, so that its
 * replica opens what it wrapped when its Region is away.
 */
record AwsKeyName(String partition, String region, String account, String id) {
    private static final Pattern ARN =
            Pattern.compile("arn:(aws[a-z-]*):kms:([a-z0-9-]+):([0-9]{12}):key/([A-Za-z0-9-]{1,128})");

    static Optional<AwsKeyName> parse(String arn) {
        Matcher matcher = ARN.matcher(arn);
        return matcher.matches()
                ? Optional.of(new AwsKeyName(matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4)))
                : Optional.empty();
    }

    boolean isSameKey(AwsKeyName other) {
        return partition.equals(other.partition)
                && account.equals(other.account)
                && id.equals(other.id)
                && (id.startsWith("mrk-") || region.equals(other.region));
    }

    String arn() {
        return "arn:" + partition + ":kms:" + region + ":" + account + ":key/" + id;
    }
}
