/** What the drivers' tests share: programs of this machine, ports. */
@NullMarked
package dev.muster.drivers.traffic;

import org.jspecify.annotations.NullMarked;
