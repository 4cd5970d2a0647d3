/** Tests of encryption against the library whose construction it is. */
@NullMarked
package dev.muster.repository.encryption;

import org.jspecify.annotations.NullMarked;
