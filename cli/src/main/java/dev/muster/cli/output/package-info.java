/** What people and scripts read: tables that fit the terminal, times with their age, JSON. */
@NullMarked
package dev.muster.cli.output;

import org.jspecify.annotations.NullMarked;
