/** What every scenario's run has in common: its request, its status, its steps, its approvals, its report. */
@NullMarked
package dev.muster.workflows.run;

import org.jspecify.annotations.NullMarked;
