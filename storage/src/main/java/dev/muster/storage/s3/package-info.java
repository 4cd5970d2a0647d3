/** Objects in a bucket of S3 or of what speaks its language: parallel uploads, continued reads, locks. */
@NullMarked
package dev.muster.storage.s3;

import org.jspecify.annotations.NullMarked;
