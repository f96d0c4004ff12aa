/** Log storage on Chronicle Queue, the only package that knows it. */
@NullMarked
package io.rananeeti.internal.chronicle;

import org.jspecify.annotations.NullMarked;
