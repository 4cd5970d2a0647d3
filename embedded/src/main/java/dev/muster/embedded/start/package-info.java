/** Quick starts: which classes the JVM finds ready, read and checked, in an archive beside the jars. */
@NullMarked
package dev.muster.embedded.start;

import org.jspecify.annotations.NullMarked;
