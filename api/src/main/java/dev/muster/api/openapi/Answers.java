package dev.muster.api.openapi;

import jakarta.ws.rs.core.MediaType;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a resource's method answers, beside the refusals that every method of its kind has. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Answers {
    /** The body of the answer. */
    Class<?> value();

    int status() default 200;

    String description() default "As asked";

    String mediaType() default MediaType.APPLICATION_JSON;

    /** Whether a repeat answers the same with 200. */
    boolean repeated() default false;

    /** Statuses of refusals that this method has of its own. */
    int[] refusals() default {};
}
