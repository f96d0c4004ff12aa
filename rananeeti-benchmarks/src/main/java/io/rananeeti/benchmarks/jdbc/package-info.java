/** What the platform costs a JDBC application while its database is well. */
@NullMarked
package io.rananeeti.benchmarks.jdbc;

import org.jspecify.annotations.NullMarked;
