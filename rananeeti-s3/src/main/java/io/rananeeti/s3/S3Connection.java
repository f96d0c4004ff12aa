package io.rananeeti.s3;

import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.BufferedConnection;
import io.rananeeti.aws.internal.Service;
import io.rananeeti.store.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What stands for a physical connection: the actions of a transaction until they are done, at its
 * commit. Used by one thread, but for {@link #end}.
 */
final class S3Connection extends BufferedConnection {

  static final Service SERVICE = new Service("S3", "2006-03-01", "rananeeti-s3");

  private final S3Store.Opened store;
  private final List<Action> actions = new ArrayList<>();

  private S3Connection(S3Store.Opened store) {
    super(SERVICE);
    this.store = store;
  }

  static Connection open(S3Store.Opened store) {
    return new S3Connection(store).proxy();
  }

  /** What is behind a connection that the store gave. */
  static S3Connection of(Connection connection) {
    return of(connection, S3Connection.class);
  }

  @Override
  protected String url() {
    return store.url();
  }

  @Override
  protected Statement statement(Class<? extends Statement> type, @Nullable String text) {
    return new S3Statement(this, type, text).proxy();
  }

  @Override
  protected int length() {
    return actions.size();
  }

  @Override
  protected void cut(int length) {
    actions.subList(length, actions.size()).clear();
  }

  @Override
  protected SQLException tooIsolated() {
    return unsupported("an isolation above READ COMMITTED: S3 has no transactions");
  }

  /** Adds an action to the transaction. */
  void write(Action action) throws SQLException {
    checkWritable();
    List<Action> all = new ArrayList<>(actions);
    all.add(action);
    String refusal = S3Texts.refusalOf(all);
    if (refusal != null) {
      throw new SQLException(refusal, "54000");
    }
    actions.add(action);
  }

  /**
   * Does what a text of the platform's says: savepoints, and the ends of transactions where there
   * is none.
   *
   * @return false if it is none of those
   */
  boolean control(String text) throws SQLException {
    List<String> words = words(text);
    return words.get(0).isEmpty()
        || control(
            words.get(0).toUpperCase(Locale.ROOT),
            words.get(words.size() - 1).toLowerCase(Locale.ROOT),
            text.toUpperCase(Locale.ROOT).contains(" TO "));
  }

  private static List<String> words(String text) {
    return List.of(text.strip().replaceAll(";\\s*$", "").split("\\s+", -1));
  }

  /**
   * Does all of the transaction.
   *
   * @return whether there was anything
   * @throws SQLException {@link Failures#SETTLED_OTHERWISE} if it has to be settled whether it was
   *     done
   */
  boolean commit(TransactionId id) throws SQLException {
    if (actions.isEmpty()) {
      clear();
      return false;
    }
    try {
      return call(
          call -> {
            store.work().apply(id, actions, null, true, call);
            return true;
          });
    } catch (SQLException e) {
      // What nobody understands may have been an answer to what was done.
      throw Failures.classify(e) == Failure.UNCLEAR && !Failures.CHECKSUM.equals(e.getSQLState())
          ? new SQLException("to be settled: " + e.getMessage(), Failures.SETTLED_OTHERWISE, e)
          : e;
    } catch (SdkException e) {
      throw Failures.of("commit", e);
    } finally {
      clear();
    }
  }

  @Override
  public String toString() {
    return "S3Connection[store=" + store.name() + "]";
  }
}
