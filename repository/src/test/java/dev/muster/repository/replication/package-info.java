/** Copies of repositories: complete, repaired, and never falsely complete. */
@NullMarked
package dev.muster.repository.replication;

import org.jspecify.annotations.NullMarked;
