/** Tests of writing, reading and verifying whole backups. */
@NullMarked
package dev.muster.repository;

import org.jspecify.annotations.NullMarked;
