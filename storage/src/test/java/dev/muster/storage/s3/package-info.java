@NullMarked
package dev.muster.storage.s3;

import org.jspecify.annotations.NullMarked;
