@NullMarked
package dev.muster.embedded.database;

import org.jspecify.annotations.NullMarked;
