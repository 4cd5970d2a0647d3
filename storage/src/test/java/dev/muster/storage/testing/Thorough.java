package dev.muster.storage.testing;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test that takes minutes: every bit flipped, every write killed, every version of PostgreSQL. It runs in the profile
 * {@code thorough}, as CI does; without it, it does not run and says so in capitals.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Tag("thorough")
@ExtendWith(Thorough.Condition.class)
public @interface Thorough {
    /** Asks for the profile. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (Boolean.getBoolean("muster.thorough.tests")) {
                return ConditionEvaluationResult.enabled("the profile 'thorough' is on");
            }
            String loud =
                    "NOT RUN, IT TAKES MINUTES: " + context.getDisplayName() + ". To run it: mvn verify -Pthorough";
            Loud.say(loud);
            return ConditionEvaluationResult.disabled(loud);
        }
    }

    /** Where somebody reads it. */
    final class Loud {
        private Loud() {}

        /** Past Surefire's redirection of the tests' output to files. */
        public static void say(String text) {
            new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8).println(text);
        }
    }
}
