/** What a step can act on outside of databases and stores, one package per kind of thing. */
@NullMarked
package dev.muster.drivers;

import org.jspecify.annotations.NullMarked;
