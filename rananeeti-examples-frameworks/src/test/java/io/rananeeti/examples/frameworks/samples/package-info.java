/** Samples of the documentation, each in a test of its own. */
@NullMarked
package io.rananeeti.examples.frameworks.samples;

import org.jspecify.annotations.NullMarked;
