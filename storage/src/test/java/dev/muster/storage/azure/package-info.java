/** Tests of the driver for Azure Blob Storage. */
@NullMarked
package dev.muster.storage.azure;

import org.jspecify.annotations.NullMarked;
