/** Tests against the real thing. */
@NullMarked
package dev.muster.drivers.traffic.command;

import org.jspecify.annotations.NullMarked;
