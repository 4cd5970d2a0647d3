/** Traffic by a program of the operator's own. */
@NullMarked
package dev.muster.drivers.traffic.command;

import org.jspecify.annotations.NullMarked;
