/** The durable log: frames, sequence, group commit, scan and repair. */
@NullMarked
package io.rananeeti.internal.log;

import org.jspecify.annotations.NullMarked;
