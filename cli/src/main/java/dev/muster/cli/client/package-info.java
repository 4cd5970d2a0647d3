/** Talks to the API over HTTP: bounded, repeating only what is safe to repeat, and with errors that have codes. */
@NullMarked
package dev.muster.cli.client;

import org.jspecify.annotations.NullMarked;
