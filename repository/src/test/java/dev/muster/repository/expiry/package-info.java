/** Takes away backups that nothing keeps, and only what no other backup needs, while others write. */
@NullMarked
package dev.muster.repository.expiry;

import org.jspecify.annotations.NullMarked;
