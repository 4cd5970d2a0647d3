/** Copies of a repository in other stores: making them, how far behind they are, and whether there are enough. */
@NullMarked
package dev.muster.repository.replication;

import org.jspecify.annotations.NullMarked;
