/** What object locks mean for a repository: which objects get which lock, and how what somebody hid is still found. */
@NullMarked
package dev.muster.repository.locks;

import org.jspecify.annotations.NullMarked;
