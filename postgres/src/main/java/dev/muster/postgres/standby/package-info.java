/** Makes a standby from a backup or from a stopped member, and lets it follow an upstream through a slot. */
@NullMarked
package dev.muster.postgres.standby;

import org.jspecify.annotations.NullMarked;
