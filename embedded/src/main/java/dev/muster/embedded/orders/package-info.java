/** The orders data set, its writer with a ledger outside of the database, the attack on it, and the check by the ledger. */
@NullMarked
package dev.muster.embedded.orders;

import org.jspecify.annotations.NullMarked;
