/** The driver for Google Cloud Storage, over its JSON interface: objects that are created only where none is. */
@NullMarked
package dev.muster.storage.gcs;

import org.jspecify.annotations.NullMarked;
