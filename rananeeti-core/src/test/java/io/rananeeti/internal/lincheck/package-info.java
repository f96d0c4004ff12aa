/** What the tests under Lincheck share: seams without time, locks that are broken, bounds. */
@NullMarked
package io.rananeeti.internal.lincheck;

import org.jspecify.annotations.NullMarked;
