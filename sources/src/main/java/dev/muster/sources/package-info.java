/** What can be backed up besides PostgreSQL. */
@NullMarked
package dev.muster.sources;

import org.jspecify.annotations.NullMarked;
