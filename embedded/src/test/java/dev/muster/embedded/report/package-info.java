@NullMarked
package dev.muster.embedded.report;

import org.jspecify.annotations.NullMarked;
