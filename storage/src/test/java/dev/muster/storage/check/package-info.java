@NullMarked
package dev.muster.storage.check;

import org.jspecify.annotations.NullMarked;
