/** What one store's own state proves of each backup in it: that its objects are there, kept, and were read. */
@NullMarked
package dev.muster.repository.proof;

import org.jspecify.annotations.NullMarked;
