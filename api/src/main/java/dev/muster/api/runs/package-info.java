/** Starting, listing, describing, following and approving runs. */
@NullMarked
package dev.muster.api.runs;

import org.jspecify.annotations.NullMarked;
