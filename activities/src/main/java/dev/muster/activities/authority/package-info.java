/** Decides on the executing worker whether a step may act: approval, plan and epoch, by what this place itself knows. */
@NullMarked
package dev.muster.activities.authority;

import org.jspecify.annotations.NullMarked;
