/** The platform itself; not for applications, may change at any time. */
@NullMarked
package io.rananeeti.internal;

import org.jspecify.annotations.NullMarked;
