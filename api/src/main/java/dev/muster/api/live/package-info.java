/** What running runs answer through Temporal, within bounds. */
@NullMarked
package dev.muster.api.live;

import org.jspecify.annotations.NullMarked;
