/** Tests of key files and key slots. */
@NullMarked
package dev.muster.repository.keys;

import org.jspecify.annotations.NullMarked;
