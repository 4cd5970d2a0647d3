/** What this worker's place is: its databases, its repository, its folders, its allowed commands. */
@NullMarked
package dev.muster.activities.place;

import org.jspecify.annotations.NullMarked;
