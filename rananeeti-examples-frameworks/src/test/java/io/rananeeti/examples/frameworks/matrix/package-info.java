/** One small shop, written in the ordinary way of six frameworks, and what an outage does to it. */
@NullMarked
package io.rananeeti.examples.frameworks.matrix;

import org.jspecify.annotations.NullMarked;
