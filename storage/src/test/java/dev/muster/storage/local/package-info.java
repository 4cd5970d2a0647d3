/** Tests of what only a folder can go wrong with. */
@NullMarked
package dev.muster.storage.local;

import org.jspecify.annotations.NullMarked;
