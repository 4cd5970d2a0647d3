/** Where traffic goes: what a driver is asked, what it answers, and what all drivers share. */
@NullMarked
package dev.muster.drivers.traffic;

import org.jspecify.annotations.NullMarked;
