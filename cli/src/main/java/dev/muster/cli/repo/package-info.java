/** {@code muster repo} and {@code muster restore}: the engine by itself, with nothing but a store and a key. */
@NullMarked
package dev.muster.cli.repo;

import org.jspecify.annotations.NullMarked;
