/** The composition root of a worker process. */
@NullMarked
package dev.muster.worker;

import org.jspecify.annotations.NullMarked;
