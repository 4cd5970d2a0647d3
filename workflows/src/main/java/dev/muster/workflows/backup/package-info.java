/** The backup scenario. */
@NullMarked
package dev.muster.workflows.backup;

import org.jspecify.annotations.NullMarked;
