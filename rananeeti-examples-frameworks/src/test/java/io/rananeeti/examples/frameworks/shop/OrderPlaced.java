package io.rananeeti.examples.frameworks.shop;

import java.util.UUID;

/** An order was placed. */
record OrderPlaced(UUID id) {}
