/** Tests of the storage on Chronicle Queue that need its package. */
@NullMarked
package io.rananeeti.internal.chronicle;

import org.jspecify.annotations.NullMarked;
