/** Tests of the binary form of log records. */
@NullMarked
package io.rananeeti.internal.codec;

import org.jspecify.annotations.NullMarked;
