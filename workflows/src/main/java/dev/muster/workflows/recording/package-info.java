/** Keeping runs and stores in the catalogue without any run waiting for it. */
@NullMarked
package dev.muster.workflows.recording;

import org.jspecify.annotations.NullMarked;
