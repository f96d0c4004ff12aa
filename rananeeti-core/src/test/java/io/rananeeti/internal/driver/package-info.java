@NullMarked
package io.rananeeti.internal.driver;

import org.jspecify.annotations.NullMarked;
