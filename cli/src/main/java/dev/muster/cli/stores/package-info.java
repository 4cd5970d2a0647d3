/** Verbs about stores themselves, whatever is in them. */
@NullMarked
package dev.muster.cli.stores;

import org.jspecify.annotations.NullMarked;
