/** Tests of systems without a server. */
@NullMarked
package dev.muster.api.systems;

import org.jspecify.annotations.NullMarked;
