/** What an object's key says about the object: the layout of a repository in its store, read backwards. */
@NullMarked
package dev.muster.repository.layout;

import org.jspecify.annotations.NullMarked;
