/** Tests of the cafe: its parts, its pages over HTTP, and the whole jar with a real database. */
@NullMarked
package io.rananeeti.examples.cafe;

import org.jspecify.annotations.NullMarked;
