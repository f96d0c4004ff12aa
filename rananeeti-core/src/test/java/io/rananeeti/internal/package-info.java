/** Tests of the platform's parts that need no store. */
@NullMarked
package io.rananeeti.internal;

import org.jspecify.annotations.NullMarked;
