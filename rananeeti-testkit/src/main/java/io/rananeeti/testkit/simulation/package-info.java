/** The platform in virtual time under a seed: one thread at a time, every fault, every checker. */
@NullMarked
package io.rananeeti.testkit.simulation;

import org.jspecify.annotations.NullMarked;
