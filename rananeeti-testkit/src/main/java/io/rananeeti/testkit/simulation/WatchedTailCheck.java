package io.rananeeti.testkit.simulation;

import io.rananeeti.TransactionId;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.TailCheck;
import io.rananeeti.store.Writer;
import java.util.Collection;
import java.util.Set;
import java.util.function.ObjLongConsumer;

/** A look at a writer that tells to which epoch it was raised. */
record WatchedTailCheck(TailCheck check, ObjLongConsumer<Writer> raised) implements TailCheck {

  @Override
  public Writer writer() {
    return check.writer();
  }

  @Override
  public Set<TransactionId> lacking(Collection<TransactionId> ids) throws StoreException {
    return check.lacking(ids);
  }

  @Override
  public Set<TransactionId> notApplied(Collection<TransactionId> ids) throws StoreException {
    return check.notApplied(ids);
  }

  @Override
  public long raise(long above, TransactionId recovery) throws StoreException {
    long epoch = check.raise(above, recovery);
    raised.accept(check.writer(), epoch);
    return epoch;
  }

  @Override
  public void close() {
    check.close();
  }
}
