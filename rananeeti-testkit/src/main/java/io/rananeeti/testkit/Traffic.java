package io.rananeeti.testkit;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what clients sent, by type and SQL. Thread-safe. */
final class Traffic {

  private static final int MOST_TEXTS = 10_000;

  private final Map<Kind, LongAdder> counts = new ConcurrentHashMap<>();
  private final LongAdder roundTrips = new LongAdder();
  private final AtomicBoolean tooManyTexts = new AtomicBoolean();

  void count(List<FrontendMessage> request) {
    for (FrontendMessage message : request) {
      counts.computeIfAbsent(kind(message), kind -> new LongAdder()).increment();
      if (message.isAnswered()) {
        roundTrips.increment();
      }
    }
  }

  /** Past a bound, new texts are counted by type only, so that memory stays bounded. */
  private Kind kind(FrontendMessage message) {
    Kind kind = new Kind(message.type(), message.sql());
    if (counts.size() < MOST_TEXTS || message.sql() == null || counts.containsKey(kind)) {
      return kind;
    }
    tooManyTexts.set(true);
    return new Kind(message.type(), null);
  }

  long count(Message chosen) {
    if (chosen.readsContent()) {
      throw new IllegalArgumentException(
          "only type and SQL of messages are counted, so not: " + chosen);
    }
    if (tooManyTexts.get()) {
      throw new IllegalStateException(
          "more than " + MOST_TEXTS + " different SQL texts passed: counts are incomplete");
    }
    return counts.entrySet().stream()
        .filter(entry -> chosen.matches(entry.getKey().example()))
        .mapToLong(entry -> entry.getValue().sum())
        .sum();
  }

  long roundTrips() {
    return roundTrips.sum();
  }

  private record Kind(char type, @Nullable String sql) {

    private static final byte[] NOTHING = {};

    FrontendMessage example() {
      return new FrontendMessage(type, NOTHING, sql);
    }
  }
}
