/** Verbs that tell who one is for the API, how it is, and what it refused. */
@NullMarked
package dev.muster.cli.access;

import org.jspecify.annotations.NullMarked;
