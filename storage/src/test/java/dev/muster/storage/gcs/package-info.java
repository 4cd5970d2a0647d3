/** Tests of the driver for Google Cloud Storage. */
@NullMarked
package dev.muster.storage.gcs;

import org.jspecify.annotations.NullMarked;
