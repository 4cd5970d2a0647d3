/** The driver for Azure Blob Storage: block blobs that appear with the commit of their block list. */
@NullMarked
package dev.muster.storage.azure;

import org.jspecify.annotations.NullMarked;
