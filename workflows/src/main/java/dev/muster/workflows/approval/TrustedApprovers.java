package dev.muster.workflows.approval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The public keys that this process accepts approvals from, from files of its own, never from what it is sent. */
public final class TrustedApprovers {
    private final Map<String, ApproverKey> keys;

    public TrustedApprovers(Collection<ApproverKey> keys) {
        this.keys = keys.stream().collect(Collectors.toUnmodifiableMap(ApproverKey::keyId, Function.identity()));
    }

    /**
     * Reads every {@code *.jwk} file of the folder but private ones, which have no business there.
     *
     * @throws IOException if the folder or a file in it cannot be read; one bad file is an error, not skipped, because
     *     a worker that silently trusts fewer people than configured fails at 3 a.m.
     */
    public static TrustedApprovers read(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> entries = Files.list(folder)) {
            files = entries.filter(file ->
                            file.toString().endsWith(".jwk") && !file.toString().endsWith(".private.jwk"))
                    .sorted()
                    .toList();
        }
        Map<String, Path> fileOf = new HashMap<>();
        List<ApproverKey> keys = new ArrayList<>();
        for (Path file : files) {
            ApproverKey key = ApproverKey.read(file);
            Path other = fileOf.putIfAbsent(key.keyId(), file);
            if (other != null) {
                throw new IOException(other + " and " + file + " hold the same approver's key; keep one of them.");
            }
            keys.add(key);
        }
        return new TrustedApprovers(keys);
    }

    /**
     * Verifies the token's signature and that it lets the run pass.
     *
     * @return the approval, with the approver's name from this process's own list
     * @throws ApprovalRefusedException with the reason as its code
     */
    public Approval accept(String token, ApprovalRule rule, Instant now) {
        Approval approval = ApprovalTokens.verify(token, keys);
        boolean hasRole = java.util.Objects.requireNonNull(keys.get(approval.keyId()))
                .roles()
                .contains(rule.role());
        rule.refusal(approval, hasRole, now).ifPresent(refusal -> {
            throw refusal;
        });
        return approval;
    }
}
