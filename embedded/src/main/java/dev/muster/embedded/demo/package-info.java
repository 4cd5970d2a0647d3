/** {@code muster demo}: a database is attacked and brought back, before the eyes of whoever runs it. */
@NullMarked
package dev.muster.embedded.demo;

import org.jspecify.annotations.NullMarked;
