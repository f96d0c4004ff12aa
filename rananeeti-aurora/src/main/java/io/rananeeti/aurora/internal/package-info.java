/** Public because the driver makes these by name; of no use to anybody else. */
@org.jspecify.annotations.NullMarked
package io.rananeeti.aurora.internal;
