/** Approvals: signed tokens that bind a person to a run, a gate, a plan and a loss; minted by a key, verified anywhere. */
@NullMarked
package dev.muster.workflows.approval;

import org.jspecify.annotations.NullMarked;
