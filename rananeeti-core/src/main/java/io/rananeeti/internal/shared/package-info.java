/** What nodes that share a log agree upon. */
@NullMarked
package io.rananeeti.internal.shared;

import org.jspecify.annotations.NullMarked;
