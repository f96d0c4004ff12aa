/** Tests of the log and its storages, and of the test kit itself. */
@NullMarked
package io.rananeeti.testkit;

import org.jspecify.annotations.NullMarked;
