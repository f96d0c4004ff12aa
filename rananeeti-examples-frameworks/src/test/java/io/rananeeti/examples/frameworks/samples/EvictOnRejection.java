package io.rananeeti.examples.frameworks.samples;

import io.rananeeti.DeadLetter;
import io.rananeeti.PlatformListener;
import jakarta.persistence.EntityManagerFactory;
import java.util.function.Supplier;

// tag::evict
/** Forgets what the cache was told of transactions that the database refused in the end. */
final class EvictOnRejection implements PlatformListener {

  private final Supplier<EntityManagerFactory> factory;

  EvictOnRejection(Supplier<EntityManagerFactory> factory) {
    this.factory = factory;
  }

  @Override
  public void rejected(DeadLetter letter) {
    factory.get().getCache().evictAll();
  }
}
// end::evict
