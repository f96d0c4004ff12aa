/** What a store has to offer to the platform, and the transactions that it is given. */
@NullMarked
package io.rananeeti.store;

import org.jspecify.annotations.NullMarked;
