/** A cafe that takes orders while its database is dead. */
@NullMarked
package io.rananeeti.examples.cafe;

import org.jspecify.annotations.NullMarked;
