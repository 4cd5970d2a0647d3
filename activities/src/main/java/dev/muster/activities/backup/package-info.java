/** Taking backups on this host. */
@NullMarked
package dev.muster.activities.backup;

import org.jspecify.annotations.NullMarked;
