/** The driver that keeps objects as files in a folder, durable against power loss. */
@NullMarked
package dev.muster.storage.local;

import org.jspecify.annotations.NullMarked;
