/** Whether what a repository holds could be restored, looked at in levels: names, indexes, every byte, a restore. */
@NullMarked
package dev.muster.repository.verification;

import org.jspecify.annotations.NullMarked;
