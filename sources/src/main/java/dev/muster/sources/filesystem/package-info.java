/** What a POSIX file system says of a name: its bytes, its kind, its attributes. */
@NullMarked
package dev.muster.sources.filesystem;

import org.jspecify.annotations.NullMarked;
