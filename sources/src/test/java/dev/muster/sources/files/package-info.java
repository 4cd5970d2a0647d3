/** Tests of files. */
@NullMarked
package dev.muster.sources.files;

import org.jspecify.annotations.NullMarked;
