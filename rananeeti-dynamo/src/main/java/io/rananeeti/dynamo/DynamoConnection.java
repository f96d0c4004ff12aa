package io.rananeeti.dynamo;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.BufferedConnection;
import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.aws.internal.Service;
import io.rananeeti.dynamo.PartiqlLexer.Token;
import io.rananeeti.dynamo.Request.Cancelled;
import io.rananeeti.dynamo.Request.Part;
import io.rananeeti.dynamo.Request.Reason;
import io.rananeeti.dynamo.Request.Role;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;

/**
 * What stands for a physical connection: the writes of a transaction until they are sent, all at
 * once, with its ledger item. Queries are sent at once, and see nothing of them. Used by one
 * thread, but for {@link #end}.
 */
final class DynamoConnection extends BufferedConnection {

  static final Service SERVICE = new Service("DynamoDB", "2012-08-10", "rananeeti-dynamo");

  private final DynamoStore.Opened store;
  private final Buffer buffer = new Buffer();

  private DynamoConnection(DynamoStore.Opened store) {
    super(SERVICE);
    this.store = store;
  }

  static Connection open(DynamoStore.Opened store) {
    return new DynamoConnection(store).proxy();
  }

  /** What is behind a connection that the store gave. */
  static DynamoConnection of(Connection connection) {
    return of(connection, DynamoConnection.class);
  }

  DynamoStore.Opened store() {
    return store;
  }

  @Override
  protected String url() {
    return store.url();
  }

  @Override
  protected Statement statement(Class<? extends Statement> type, @Nullable String text) {
    return new DynamoStatement(this, type, text).proxy();
  }

  @Override
  protected int length() {
    return buffer.length();
  }

  @Override
  protected void cut(int length) {
    buffer.cut(length);
  }

  @Override
  protected SQLException tooIsolated() {
    return new SQLFeatureNotSupportedException(
        "queries of a DynamoDB transaction are not part of it, so READ COMMITTED is the most; its writes are serializable: put what they depend on into their conditions",
        "0A000");
  }

  @Override
  protected PreparedStatement prepare(@Nullable Object[] args) throws SQLException {
    boolean keys =
        args.length == 2
            && !(args[1] instanceof Integer none && none == Statement.NO_GENERATED_KEYS);
    if (keys) {
      throw unsupported("generated keys: DynamoDB generates none");
    }
    return super.prepare(args);
  }

  /** Adds a write to the transaction. */
  void write(Action action) throws SQLException {
    checkWritable();
    buffer.add(action);
  }

  Buffer buffer() {
    return buffer;
  }

  /**
   * Does what a text of the platform's says: savepoints, and the ends of transactions where there
   * is none.
   *
   * @return false if it is none of those
   */
  boolean control(String text) throws SQLException {
    List<Token> words = words(text);
    if (words.isEmpty()) {
      return text.isBlank();
    }
    Token last = words.get(words.size() - 1);
    String name =
        last.type() == PartiqlLexer.Type.QUOTED
            ? last.text()
            : last.text().toLowerCase(Locale.ROOT);
    return control(
        words.get(0).text().toUpperCase(Locale.ROOT),
        name,
        words.stream().anyMatch(word -> word.is("TO")));
  }

  /** Without a semicolon at the end; none if it can't be read. */
  private static List<Token> words(String text) {
    try {
      List<Token> words = new ArrayList<>(PartiqlLexer.tokens(text));
      words.removeIf(word -> word.type() == PartiqlLexer.Type.END || word.is(";"));
      return words;
    } catch (PartiqlLexer.Unreadable e) {
      return List.of();
    }
  }

  /**
   * Sends all that was written, with the ledger's item.
   *
   * @return whether there was anything
   * @throws SQLException {@link Failures#SETTLED_OTHERWISE} if the ledger has the transaction, or
   *     may have it before long; {@link Failures#INTENT_TAKEN} if its intent key has a holder
   */
  boolean commit(TransactionId id, @Nullable Intent intent) throws SQLException {
    if (buffer.isEmpty()) {
      clear();
      return false;
    }
    String nonce = store.nonce();
    Request request = new Request(parts(id, intent, nonce));
    try {
      return call(
          call -> {
            send(request, call, nonce);
            return true;
          });
    } finally {
      clear();
    }
  }

  private List<Part> parts(TransactionId id, @Nullable Intent intent, String nonce) {
    List<Part> parts = new ArrayList<>();
    Ledger.Row row = new Ledger.Row(id, Outcome.APPLIED);
    parts.add(Part.own(Role.LEDGER, row.put(store.table(), nonce), id));
    if (intent != null) {
      parts.add(
          Part.intent(
              Ledger.intend(
                  store.table(),
                  id,
                  intent,
                  store.clock().instant(),
                  store.host().intentRetention()),
              id,
              intent.key()));
    }
    buffer.actions().forEach(action -> parts.add(Part.operation(action)));
    return parts;
  }

  private void send(Request request, Call call, String nonce) throws SQLException {
    try {
      request.send(store.database(), call);
    } catch (Cancelled e) {
      cancelled(e, call, nonce);
    } catch (TransactionInProgressException e) {
      throw settledOtherwise("an earlier attempt at this request is still under way");
    } catch (ResourceNotFoundException e) {
      store.database().forgetKeys();
      throw failed(e, call);
    } catch (SdkException e) {
      throw failed(e, call);
    }
  }

  /**
   * An answer speaks of the last attempt only: an earlier one may have been done. So may the only
   * one, where its answer can't be read.
   */
  private static SQLException failed(SdkException e, Call call) {
    SQLException failure = Failures.of("commit", e);
    int answered = e instanceof AwsServiceException ? 1 : 0;
    boolean open = call.attempts() > answered;
    return open && Failures.classify(failure) != Failure.UNREACHABLE
        ? settledOtherwise(failure.getMessage())
        : failure;
  }

  /** Returns if what stands was written by an earlier attempt of the SDK at this very request. */
  private void cancelled(Cancelled cancelled, Call call, String nonce) throws SQLException {
    for (Reason reason : cancelled.of(Role.LEDGER)) {
      if (Ledger.isOf(reason.item(), nonce)) {
        return;
      }
      throw settledOtherwise("the ledger has it, or is written now");
    }
    SQLException throttled = Refused.throttled(cancelled);
    if (throttled != null) {
      throw throttled;
    }
    if (call.attempts() > 1) {
      // Its conditions may fail because an earlier attempt was done, or will be.
      throw settledOtherwise("the request was sent more than once");
    }
    SQLException conflict = Refused.conflict(cancelled);
    if (conflict != null) {
      throw conflict;
    }
    for (Reason reason : cancelled.of(Role.INTENT)) {
      if (reason.isUnmet()) {
        throw new SQLException("the intent key is taken", Failures.INTENT_TAKEN);
      }
    }
    SQLException refused = Refused.operation(cancelled);
    if ("22023".equals(refused.getSQLState())) {
      store.database().forgetKeys(); // The table may have another key than it had.
    }
    throw refused;
  }

  private static SQLException settledOtherwise(@Nullable String why) {
    return new SQLException("to be settled: " + why, Failures.SETTLED_OTHERWISE);
  }

  @Override
  public String toString() {
    return "DynamoConnection[store=" + store.name() + "]";
  }
}
