/** What a request may look like: its size, its JSON, its parameters. */
@NullMarked
package dev.muster.api.intake;

import org.jspecify.annotations.NullMarked;
