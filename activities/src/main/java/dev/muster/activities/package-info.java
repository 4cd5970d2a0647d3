/** The activities, one package per capability, thin over the modules below; and how their errors reach a workflow. */
@NullMarked
package dev.muster.activities;

import org.jspecify.annotations.NullMarked;
