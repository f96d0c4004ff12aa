/** The transaction log and the storage under it, for those who bring their own. */
@NullMarked
package io.rananeeti.log;

import org.jspecify.annotations.NullMarked;
