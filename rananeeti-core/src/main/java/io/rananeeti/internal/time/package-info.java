/** The seams through which everything waits, runs, reads clocks and draws random numbers. */
@NullMarked
package io.rananeeti.internal.time;

import org.jspecify.annotations.NullMarked;
