package io.rananeeti.testkit;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Lease;
import io.rananeeti.store.Sequences;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.ValueRange;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The sequences of an {@link InMemoryDatabase}. Its tables have no columns to promise keys of. */
final class InMemorySequences implements Sequences {

  /** Runs something on the server as the platform's own. */
  @FunctionalInterface
  interface Server {
    void run(InMemoryErrors.Body body) throws StoreException;
  }

  /** A sequence in memory is never restarted. */
  private static final String STATE = "1";

  private final InMemoryDatabase database;
  private final Server server;

  InMemorySequences(InMemoryDatabase database, Server server) {
    this.database = database;
    this.server = server;
  }

  @Override
  public Lease lease(String name, Map<String, String> settings, int count) throws StoreException {
    List<ValueRange> drawn = new ArrayList<>();
    server.run(
        () -> {
          InMemorySequence sequence = database.sequence(name);
          drawn.add(new ValueRange(sequence.last() + 1, count, 1));
          sequence.advance(sequence.last() + count);
        });
    return new Lease(name, drawn, STATE);
  }

  @Override
  public String inFull(String name, Map<String, String> settings) throws StoreException {
    if (states(Set.of(name)).isEmpty()) {
      throw new StoreException(Failure.REFUSED, "42P01", "there is no sequence " + name, null);
    }
    return name;
  }

  @Override
  public void advance(String sequence, long past) throws StoreException {
    server.run(
        () -> {
          try {
            database.sequence(sequence).advance(past);
          } catch (SQLException gone) {
            throw InMemoryErrors.exception(gone, Failure.REFUSED);
          }
        });
  }

  @Override
  public Map<String, String> states(Set<String> sequences) throws StoreException {
    Map<String, String> states = new TreeMap<>();
    server.run(
        () ->
            sequences.stream()
                .filter(database::hasSequence)
                .forEach(each -> states.put(each, STATE)));
    return states;
  }

  @Override
  public InsertTarget describe(String table, Map<String, String> settings) throws StoreException {
    throw new StoreException(
        Failure.REFUSED, "0A000", "a database in memory generates no keys", null);
  }
}
