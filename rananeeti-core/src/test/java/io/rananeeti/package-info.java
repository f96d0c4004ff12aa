/** Rules for the whole of the code. */
@NullMarked
package io.rananeeti;

import org.jspecify.annotations.NullMarked;
