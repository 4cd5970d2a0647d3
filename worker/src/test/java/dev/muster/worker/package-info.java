/** Tests of a worker's process. */
@NullMarked
package dev.muster.worker;

import org.jspecify.annotations.NullMarked;
