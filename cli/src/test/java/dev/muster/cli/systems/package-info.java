/** What people read of systems and their backups. */
@NullMarked
package dev.muster.cli.systems;

import org.jspecify.annotations.NullMarked;
