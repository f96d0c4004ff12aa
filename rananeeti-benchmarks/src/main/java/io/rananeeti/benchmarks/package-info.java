/** What the durable log costs beside a bare file, and how long it takes to open. */
@NullMarked
package io.rananeeti.benchmarks;

import org.jspecify.annotations.NullMarked;
