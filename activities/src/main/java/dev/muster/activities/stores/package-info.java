/** What a site's worker does with stored backups: verify, replicate, expire. */
@NullMarked
package dev.muster.activities.stores;

import org.jspecify.annotations.NullMarked;
