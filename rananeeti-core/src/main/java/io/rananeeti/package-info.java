/** What an application sees of the platform. */
@NullMarked
package io.rananeeti;

import org.jspecify.annotations.NullMarked;
