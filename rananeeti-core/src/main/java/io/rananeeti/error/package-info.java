/** One type of exception for each decision that a caller can take. */
@NullMarked
package io.rananeeti.error;

import org.jspecify.annotations.NullMarked;
