@NullMarked
package io.rananeeti.testkit.simulation;

import org.jspecify.annotations.NullMarked;
