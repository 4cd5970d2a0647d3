/** Child processes of a demo run, their folder and their ports: started, waited for, killed, and none left behind. */
@NullMarked
package dev.muster.embedded.process;

import org.jspecify.annotations.NullMarked;
