/** Errors as the API tells them: problem+json (RFC 9457) with a stable code and a hint. */
@NullMarked
package dev.muster.api.problem;

import org.jspecify.annotations.NullMarked;
