package io.rananeeti.examples.cafe;

import java.time.LocalDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A reservation that may be placed: every field is within the limits of the table.
 *
 * @param number twenty lower-case hex digits, see {@link OrderNumber}
 * @param name for whom, 1 to 40 characters
 * @param people how many, 1 to 9999
 * @param date when
 * @param message up to 200 characters, null if there is none
 * @param emulate whether each attempt is to fail with probability one half
 */
record Order(
    String number,
    String name,
    int people,
    LocalDateTime date,
    @Nullable String message,
    boolean emulate) {}
