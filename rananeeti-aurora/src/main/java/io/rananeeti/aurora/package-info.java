/** The SQL store: Aurora and any PostgreSQL from 13 on, by HikariCP and pgjdbc. */
@NullMarked
package io.rananeeti.aurora;

import org.jspecify.annotations.NullMarked;
