@NullMarked
package dev.muster.postgres.archiving;

import org.jspecify.annotations.NullMarked;
