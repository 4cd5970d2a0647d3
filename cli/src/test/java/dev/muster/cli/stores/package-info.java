@NullMarked
package dev.muster.cli.stores;

import org.jspecify.annotations.NullMarked;
