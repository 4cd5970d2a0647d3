/** Real trees in real repositories, and the rules that they keep. */
@NullMarked
package dev.muster.sources;

import org.jspecify.annotations.NullMarked;
