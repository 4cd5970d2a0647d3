/** What the control plane does for a run: validate, compile, compare, verify approvals, hand out epochs. */
@NullMarked
package dev.muster.activities.planning;

import org.jspecify.annotations.NullMarked;
