package io.rananeeti.internal;

import io.rananeeti.internal.log.ContentSpool;
import io.rananeeti.store.Content;
import io.rananeeti.store.Spool;
import java.io.IOException;
import java.io.InputStream;

/**
 * The spool for a store, which applies what others have put into it. Nobody would know until when
 * it needs what it took for itself: content is taken for a transaction, as {@link
 * io.rananeeti.StoreOperation} does.
 */
record ReadSpool(ContentSpool spool) implements Spool {

  @Override
  public Content take(InputStream bytes) {
    throw new UnsupportedOperationException(
        "content is taken for a transaction, by the spool that a StoreOperation is given");
  }

  @Override
  public InputStream read(Content content) throws IOException {
    return spool.read(content);
  }
}
