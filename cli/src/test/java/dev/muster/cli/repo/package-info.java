/** The engine's verbs, as an operator types them. */
@NullMarked
package dev.muster.cli.repo;

import org.jspecify.annotations.NullMarked;
