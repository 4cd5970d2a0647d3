/** Systems, their backups, and the points that they can be brought back to. */
@NullMarked
package dev.muster.api.systems;

import org.jspecify.annotations.NullMarked;
