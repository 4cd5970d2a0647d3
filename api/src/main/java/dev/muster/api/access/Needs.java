package dev.muster.api.access;

import dev.muster.catalog.Role;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The role that a resource's method asks of whoever calls it. A method without it, and without
 * {@link jakarta.annotation.security.PermitAll}, is open to nobody.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Needs {
    Role value();
}
