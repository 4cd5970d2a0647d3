/** The stack for demo, dev and tests. */
@NullMarked
package dev.muster.embedded;

import org.jspecify.annotations.NullMarked;
