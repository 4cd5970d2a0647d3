/** Which backups are kept and why: rules, marks that keep single backups, and the pure decision from both. */
@NullMarked
package dev.muster.repository.retention;

import org.jspecify.annotations.NullMarked;
