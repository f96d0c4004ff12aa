/** The door by {@code jdbc:rananeeti:} URLs. */
@NullMarked
package io.rananeeti.internal.driver;

import org.jspecify.annotations.NullMarked;
