/** The log that nodes share: a stream for each node, over a storage with conditional writes. */
@NullMarked
package io.rananeeti.internal.shared;

import org.jspecify.annotations.NullMarked;
