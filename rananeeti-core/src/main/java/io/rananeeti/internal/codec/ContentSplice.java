package io.rananeeti.internal.codec;

import io.rananeeti.store.Content;

/** Puts the bytes of content behind what was written so far, wherever that goes. */
@FunctionalInterface
interface ContentSplice {

  void write(CborWriter after, Content content);
}
