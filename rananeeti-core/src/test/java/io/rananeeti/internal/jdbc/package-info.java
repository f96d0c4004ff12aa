/** Tests of what JDBC calls mean. */
@NullMarked
package io.rananeeti.internal.jdbc;

import org.jspecify.annotations.NullMarked;
