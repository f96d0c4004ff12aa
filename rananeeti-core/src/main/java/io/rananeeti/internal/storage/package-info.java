/** Log storages made of segments: what they share, and the one on plain files. */
@NullMarked
package io.rananeeti.internal.storage;

import org.jspecify.annotations.NullMarked;
