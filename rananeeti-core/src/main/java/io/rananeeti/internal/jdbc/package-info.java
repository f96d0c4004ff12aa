/** Connections and statements that outlive their physical connection. */
@NullMarked
package io.rananeeti.internal.jdbc;

import org.jspecify.annotations.NullMarked;
