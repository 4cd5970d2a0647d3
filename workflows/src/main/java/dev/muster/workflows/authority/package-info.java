/** What a step shows the worker that executes it: for which run, with which plan, at which epoch, approved by what. */
@NullMarked
package dev.muster.workflows.authority;

import org.jspecify.annotations.NullMarked;
