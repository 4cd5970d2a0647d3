/** The connection to Temporal, by the settings that all Temporal tools share. */
@NullMarked
package dev.muster.workflows.connection;

import org.jspecify.annotations.NullMarked;
