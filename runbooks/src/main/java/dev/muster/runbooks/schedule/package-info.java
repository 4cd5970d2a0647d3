/** Schedules: when runs start by themselves, and what a set of them would start between two moments. Pure code. */
@NullMarked
package dev.muster.runbooks.schedule;

import org.jspecify.annotations.NullMarked;
