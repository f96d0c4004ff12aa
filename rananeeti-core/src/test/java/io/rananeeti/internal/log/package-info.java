/** Tests of the durable log's parts. */
@NullMarked
package io.rananeeti.internal.log;

import org.jspecify.annotations.NullMarked;
