package dev.muster.e2e;

import dev.muster.embedded.temporal.TemporalServer;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test against a real Temporal server, which runs in the profile {@code server}. Without it, or where the program is
 * missing, it does not run, and says so in capitals.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Tag("server")
@ExtendWith(NeedsTemporal.Condition.class)
@interface NeedsTemporal {
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            boolean wanted = Boolean.getBoolean("muster.server.tests");
            if (wanted && TemporalServer.program().isPresent()) {
                return ConditionEvaluationResult.enabled("temporal is on the PATH");
            }
            String loud = !wanted
                    ? "NOT RUN AGAINST A REAL TEMPORAL SERVER: " + context.getDisplayName()
                            + ". To run it: mvn verify -Pserver"
                    : "NO PROGRAM 'temporal' ON THE PATH: " + context.getDisplayName()
                            + " WAS NOT RUN AGAINST A REAL TEMPORAL SERVER. To have it: " + TemporalServer.INSTALL;
            // Past Surefire's redirection of the tests' output to files: where somebody reads it.
            new java.io.PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.err), true).println(loud);
            return ConditionEvaluationResult.disabled(loud);
        }
    }
}
