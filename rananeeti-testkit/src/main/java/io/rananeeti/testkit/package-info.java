/**
 * Real outages for tests: a PostgreSQL server to kill and a proxy that breaks connections where it
 * hurts.
 */
@NullMarked
package io.rananeeti.testkit;

import org.jspecify.annotations.NullMarked;
