/** {@code muster wal}: WAL received, archived and looked at without any server of Muster's. */
@NullMarked
package dev.muster.cli.wal;

import org.jspecify.annotations.NullMarked;
