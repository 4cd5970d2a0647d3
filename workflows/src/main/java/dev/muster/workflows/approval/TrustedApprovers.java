package dev.muster.workflows.approval;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The public keys that this process accepts approvals from, from files of its own, never from what it is sent. */
public final class TrustedApprovers {
    /** Where the keys are asked for at each approval. */
    private interface Source {
        Map<String, ApproverKey> keys() throws IOException;
    }

    private final Source source;

    private TrustedApprovers(Source source) {
        this.source = source;
    }

    public TrustedApprovers(Collection<ApproverKey> keys) {
        Map<String, ApproverKey> fixed =
                keys.stream().collect(Collectors.toUnmodifiableMap(ApproverKey::keyId, Function.identity()));
        this.source = () -> fixed;
    }

    /**
     * Reads every {@code *.jwk} file of the folder but private ones, which have no business there, and looks again
     * whenever an approval is verified: a new key counts and a removed one no longer does, without a restart.
     *
     * @throws IOException if the folder or a file in it cannot be read; one bad file is an error, not skipped, because
     *     a worker that silently trusts fewer people than configured fails at 3 a.m.
     */
    public static TrustedApprovers read(Path folder) throws IOException {
        KeyFolder files = KeyFolder.open(
                folder,
                file -> file.toString().endsWith(".jwk") && !file.toString().endsWith(".private.jwk"));
        files.keys();
        return new TrustedApprovers(files::keys);
    }

    /**
     * Verifies the token's signature and that it lets the run pass.
     *
     * @return the approval, with the approver's name from this process's own list or as an issuer attests it
     * @throws ApprovalRefusedException with the reason as its code; APPROVERS_UNREADABLE if the keys cannot be read now
     */
    public Approval accept(String token, ApprovalRule rule, Instant now) {
        Approval approval = ApprovalTokens.verify(token, keys());
        rule.refusal(approval, now).ifPresent(refusal -> {
            throw refusal;
        });
        return approval;
    }

    private Map<String, ApproverKey> keys() {
        try {
            return source.keys();
        } catch (IOException e) {
            throw new ApprovalRefusedException(
                    "APPROVERS_UNREADABLE",
                    "The keys of the trusted approvers cannot be read: " + e.getMessage(),
                    "Does the worker's folder of --approvers exist, may the worker read it, is it in order?");
        }
    }
}
