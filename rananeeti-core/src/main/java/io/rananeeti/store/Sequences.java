package io.rananeeti.store;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sequences of a store, out of which the platform takes values in stock for the time when no
 * writer can be reached. Called by the thread that owns the drain, never on an application's way.
 *
 * <p>Names are as applications write them in SQL; what they mean depends on the settings {@code
 * search_path} and {@code role} that are given with them.
 */
public interface Sequences {

  /** Of a store that has none, or lends no values. */
  Sequences NONE =
      new Sequences() {
        @Override
        public Lease lease(String name, Map<String, String> settings, int count)
            throws StoreException {
          throw refused();
        }

        @Override
        public String inFull(String name, Map<String, String> settings) throws StoreException {
          throw refused();
        }

        @Override
        public void advance(String sequence, long past) throws StoreException {
          throw refused();
        }

        @Override
        public InsertTarget describe(String table, Map<String, String> settings)
            throws StoreException {
          throw refused();
        }

        @Override
        public Map<String, String> states(Set<String> sequences) throws StoreException {
          throw refused();
        }

        private StoreException refused() {
          return new StoreException(
              Failure.REFUSED, "0A000", "this store leases no values of sequences", null);
        }
      };

  /**
   * Draws values through the sequence itself. They are given to nobody else once this has returned,
   * whatever becomes of the server: the draw is durable as far as the store can make it (C8).
   *
   * @param count how many are wanted; fewer are drawn where the sequence would soon be used up
   * @throws StoreException {@link Failure#REFUSED} if there is no such sequence, it may not be
   *     used, or its values may come again
   */
  Lease lease(String name, Map<String, String> settings, int count) throws StoreException;

  /**
   * The name of a sequence as {@link Lease} would say it, whether it can be leased or not.
   *
   * @throws StoreException {@link Failure#REFUSED} if there is no such sequence
   */
  String inFull(String name, Map<String, String> settings) throws StoreException;

  /**
   * Makes sure that the sequence gives no value any more up to this one, in its direction (R4).
   * Never moves it back.
   *
   * @param sequence as {@link Lease} says it
   * @throws StoreException {@link Failure#REFUSED} if there is no such sequence any more, and in no
   *     other case: what was leased of it is given up then
   */
  void advance(String sequence, long past) throws StoreException;

  /**
   * What tells these sequences from others that had their names before or were restarted or changed
   * since: what was leased of a sequence is good for as long as it has the same state. The state
   * does not change when values are drawn.
   *
   * @param sequences as {@link Lease} says them
   * @return the state of each; without those that are gone
   */
  Map<String, String> states(Set<String> sequences) throws StoreException;

  /** What an insert into this table leaves to the store, and where its keys come from. */
  InsertTarget describe(String table, Map<String, String> settings) throws StoreException;

  /**
   * A table as an insert sees it.
   *
   * @param columns all, in the table's order
   * @param trouble what may change a row on its way into the table, so that no key can be promised;
   *     null if nothing does
   */
  record InsertTarget(List<Column> columns, @Nullable String trouble) {

    /** Copies the list. */
    public InsertTarget {
      columns = List.copyOf(columns);
    }
  }

  /**
   * A column.
   *
   * @param name as the catalog has it
   * @param type the name of its type, as a result set's metadata says it ({@code int4}, {@code
   *     text})
   * @param sequence where its value comes from if the insert gives none, as {@link Lease} says it;
   *     null if from elsewhere
   * @param always whether a value is taken only where the insert says that it overrides the
   *     sequence
   * @param settable whether an insert may give its value at all: it is not computed from others,
   *     and the application may write it
   */
  record Column(
      String name, String type, @Nullable String sequence, boolean always, boolean settable) {}
}
