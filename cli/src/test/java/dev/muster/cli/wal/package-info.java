@NullMarked
package dev.muster.cli.wal;

import org.jspecify.annotations.NullMarked;
