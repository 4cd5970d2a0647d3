/** What is shared by all scenarios: task queues, failure types, the words of a run. */
@NullMarked
package dev.muster.workflows;

import org.jspecify.annotations.NullMarked;
