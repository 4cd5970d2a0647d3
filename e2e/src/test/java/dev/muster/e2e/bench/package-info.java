/** Benchmarks of the control plane: what its users wait for. Run by {@code .ci/bench}, never by a test. */
@NullMarked
package dev.muster.e2e.bench;

import org.jspecify.annotations.NullMarked;
