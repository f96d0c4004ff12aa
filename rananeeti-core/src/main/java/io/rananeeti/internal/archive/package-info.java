/** Objects of the archive of a log: how they are written, found and read. */
@NullMarked
package io.rananeeti.internal.archive;

import org.jspecify.annotations.NullMarked;
