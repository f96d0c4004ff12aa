/** Runs each benchmark for a moment, so that none of them rots. */
@NullMarked
package io.rananeeti.benchmarks.jdbc;

import org.jspecify.annotations.NullMarked;
