/** Reading runbooks and systems from YAML: every problem with its line and column, and nothing but problems thrown. */
@NullMarked
package dev.muster.runbooks.yaml;

import org.jspecify.annotations.NullMarked;
