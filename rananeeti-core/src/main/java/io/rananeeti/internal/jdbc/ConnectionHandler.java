package io.rananeeti.internal.jdbc;

import io.rananeeti.DataPlatform;
import io.rananeeti.OutageAudit.Kind;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.StoreOperation;
import io.rananeeti.UpdateCounts;
import io.rananeeti.internal.Attachment;
import io.rananeeti.internal.Coordinator;
import io.rananeeti.internal.Refusals;
import io.rananeeti.internal.Terms;
import io.rananeeti.internal.Unit;
import io.rananeeti.internal.log.ContentHold;
import io.rananeeti.store.Content;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.ClientInfoStatus;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Wrapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A connection that the application holds, while physical ones come and go behind it.
 *
 * <p>A physical connection is bound at the first statement of a transaction and given back at its
 * end, unless the application still needs it (a {@link Binding} says why). If it breaks in between,
 * what was recorded is run again on another one, or goes on detached (R6); COMMIT is the {@link
 * Coordinator}'s.
 *
 * <p>Everything of a physical connection passes four points: {@code bind} before it is used, {@code
 * release} when its transaction is over, {@code giveBack} when nothing needs it any more, and
 * {@code broken} when it fails in between. Owned by the thread that uses the connection, but for
 * {@code abort}.
 */
public final class ConnectionHandler implements InvocationHandler {

  /** SQLSTATE of the warning after a commit that was accepted into the log. */
  static final String ACCEPTED = "01R01";

  private static final @Nullable Object[] NOTHING = {};

  /** Why what nothing is known of can't go on detached. */
  static final String NEEDS_ANSWER = "it needs the store's answer";

  private static final String APPLICATION_NAME = "ApplicationName";

  private static final String UNWRAPPED = "the application has the driver's objects in its hands";

  /** By which a transaction is made read-only, or the opposite. */
  static final Set<String> READ_ONLY_SETTINGS =
      Set.of("transaction_read_only", "default_transaction_read_only");

  private static final Set<String> ON = Set.of("on", "true", "yes", "1");

  private final Coordinator coordinator;
  private final Sessions sessions;
  private final DataPlatform platform;
  private final Set<StatementHandler> statements = Collections.newSetFromMap(new WeakHashMap<>());
  private final SessionSettings settings = new SessionSettings();
  private final Savepoints savepoints = new Savepoints();
  private final ClientInfo clientInfo = new ClientInfo();
  private final Warnings warnings = new Warnings();
  private final Intake intake;
  private final PlatformConnection proxy;
  private final @Nullable Auditing auditing;
  private boolean autoCommit = true;
  private boolean begunByText;
  private boolean readOnly;
  private Isolation isolation = Isolation.DEFAULT;
  private int holdability = ResultSet.CLOSE_CURSORS_AT_COMMIT;
  private int networkTimeout;
  private int unnamedSavepoints;
  private @Nullable Unit unit;
  private @Nullable ContentHold contents;
  private volatile @Nullable Binding binding;
  private @Nullable Receipt receipt;
  private @Nullable DatabaseMetaData metaData;
  private boolean stateLost;
  private volatile boolean closed;

  private ConnectionHandler(Coordinator coordinator, Sessions sessions, DataPlatform platform) {
    this.coordinator = coordinator;
    this.sessions = sessions;
    this.platform = platform;
    this.auditing = sessions.auditing(coordinator.store().name());
    this.intake = new Intake(coordinator.store().parameterCodec(), this::spooling);
    this.proxy =
        (PlatformConnection)
            Proxy.newProxyInstance(
                PlatformConnection.class.getClassLoader(),
                new Class<?>[] {PlatformConnection.class},
                this);
  }

  /** A new connection; costs nothing. */
  public static PlatformConnection open(
      Coordinator coordinator, Sessions sessions, DataPlatform platform) {
    return new ConnectionHandler(coordinator, sessions, platform).proxy;
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "close" -> close();
      case "isClosed" -> closed;
      case "isValid" -> isValid((int) given(args));
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> "PlatformConnection[store=" + coordinator.store().name() + "]";
      case "abort" -> abort();
      case "setClientInfo" -> setClientInfo(args);
      default -> {
        checkOpen();
        yield method.isDefault()
            ? InvocationHandler.invokeDefault(self, method, args)
            : open(method, args);
      }
    };
  }

  private @Nullable Object open(Method method, @Nullable Object[] args) throws Throwable {
    return switch (method.getName()) {
      case "receipt" -> receipt;
      case "enlist" -> enlist((StoreOperation) given(args));
      case "createStatement", "prepareStatement", "prepareCall" -> statement(method, args);
      case "getAutoCommit" -> autoCommit;
      case "setAutoCommit" -> setAutoCommit((boolean) given(args));
      case "commit" -> commitCall();
      case "rollback" -> args.length == 0 ? rollback() : rollbackTo((Savepoint) args[0]);
      case "setSavepoint" -> args.length == 0 ? savepoint(null) : savepoint((String) given(args));
      case "releaseSavepoint" -> release((Savepoint) args[0]);
      case "setReadOnly" -> setReadOnly((boolean) given(args));
      case "isReadOnly" -> readOnly;
      case "setTransactionIsolation" -> setIsolation((int) given(args));
      case "getTransactionIsolation" -> isolation(method);
      case "setSchema" -> setSchema((String) args[0]);
      case "setNetworkTimeout" -> setNetworkTimeout((int) Objects.requireNonNull(args[1]));
      case "getNetworkTimeout" -> networkTimeout;
      case "setHoldability" -> setHoldability((int) given(args));
      case "getHoldability" -> holdability;
      case "getClientInfo" -> getClientInfo(args);
      case "getWarnings" -> warnings();
      case "clearWarnings" -> clearWarnings();
      case "getMetaData" -> metaData();
      case "getTypeMap" -> new HashMap<>();
      case "setTypeMap" -> setTypeMap((Map<?, ?>) args[0]);
      case "getCatalog", "getSchema" -> place(method, args);
      case "createArrayOf" -> new LocalArray(args[0], args[1]);
      case "unwrap" -> unwrap(proxy, (Class<?>) given(args), physical -> physical);
      case "isWrapperFor" -> isWrapperFor(proxy, (Class<?>) given(args), physical -> physical);
      default -> ask("Connection." + method.getName(), physical -> call(physical, method, args));
    };
  }

  PlatformConnection proxy() {
    return proxy;
  }

  Coordinator coordinator() {
    return coordinator;
  }

  /** What is noted for the audit; null where there is none. */
  @Nullable Auditing auditing() {
    return auditing;
  }

  Sessions sessions() {
    return sessions;
  }

  /** Whether each statement is a transaction of its own now. */
  boolean autoCommits() {
    return autoCommit && !begunByText;
  }

  UpdateCounts updateCounts() {
    UpdateCounts chosen = clientInfo.updateCounts();
    return chosen == null ? coordinator.settings().updateCounts() : chosen;
  }

  private boolean deferrable(Unit of) {
    return deferrable() && !of.isUndeferrable();
  }

  /** Whether the application lets the transaction under way be deferred. */
  boolean deferrable() {
    Boolean said = clientInfo.defer();
    return switch (coordinator.settings().deferral()) {
      case ALL -> said == null || said;
      case MARKED -> said != null && said;
      case NONE -> false;
    };
  }

  /** Whether the transaction under way has an intent key. */
  boolean hasIntentKey() {
    return clientInfo.intentKey() != null;
  }

  /** Whether the application has said that it writes nothing. */
  boolean declaresReadOnly(Unit of) {
    return isReadOnly(of) || of.isOpaque();
  }

  /** Whether the application has declared its transactions, or this one, read-only. */
  boolean isReadOnly(Unit of) {
    return readOnly
        || of.isReadOnlyLate()
        || saysReadOnly(settings.values())
        || saysReadOnly(of.localSettings());
  }

  /** Whether one of these settings makes a transaction read-only. */
  static boolean saysReadOnly(Map<String, String> all) {
    return READ_ONLY_SETTINGS.stream().map(all::get).anyMatch(ConnectionHandler::isOn);
  }

  /** As PostgreSQL reads a switch, but for abbreviations of the words. */
  private static boolean isOn(@Nullable String value) {
    return value != null && ON.contains(value.toLowerCase(Locale.ROOT));
  }

  SessionSettings settings() {
    return settings;
  }

  Intake intake() {
    return intake;
  }

  /** What it holds of the spool. */
  ContentHold contents() {
    ContentHold hold = contents;
    if (hold == null) {
      hold = new ContentHold(coordinator.spool());
      contents = hold;
    }
    return hold;
  }

  /** Where a stream goes that is too long to be kept in memory; null if it can't be kept. */
  private @Nullable Spooling spooling() {
    return detached() && deferrable() && coordinator.spool().takes()
        ? new Spooling(contents())
        : null;
  }

  /** The transaction under way is about to use what was set. */
  void use(List<Write> writes) throws SQLException {
    for (Write write : writes) {
      for (List<Given> row : write.rows()) {
        for (Given given : row) {
          Parameter kept = given.kept();
          if (kept != null && kept.value() instanceof Content content && !contents().use(content)) {
            throw Refusals.contentGone(String.valueOf(given.call().args().get(0)));
          }
        }
      }
    }
  }

  Savepoints savepoints() {
    return savepoints;
  }

  /** Whether a transaction is under way. */
  boolean inTransaction() {
    return unit != null;
  }

  /** Whether there is no physical connection now, and none to be had. */
  boolean detached() {
    Unit current = unit;
    return current == null ? !coordinator.up() : current.physical() == null;
  }

  /** The physical connection that is bound now; null if there is none. */
  @Nullable Binding binding() {
    return binding;
  }

  /** The transaction under way; null if there is none. */
  @Nullable Unit unit() {
    return unit;
  }

  boolean isClosed() {
    return closed;
  }

  /** The holdability of the result sets of statements that are made now. */
  int holdability() {
    return holdability;
  }

  /** The transaction under way; begins one if there is none. */
  Unit begin(boolean mayDetach) throws SQLException {
    return begin(mayDetach ? null : NEEDS_ANSWER);
  }

  /**
   * The same.
   *
   * @param refusal why what is to be run could not go on detached; null if it could
   */
  Unit begin(@Nullable String refusal) throws SQLException {
    boolean mayDetach = refusal == null;
    checkOpen();
    Unit current = unit;
    if (current != null) {
      return current;
    }
    current = new Unit();
    boolean bound = bind(current, mayDetach && deferrable(), false);
    if (bound || mayDetach) {
      unit = current;
      return current;
    }
    if (!autoCommits()) {
      current.poison();
      unit = current;
    }
    throw coordinator.detached(String.valueOf(refusal));
  }

  /** The failed statement ends the transaction, where each statement is one of its own. */
  void failed(Unit failed) {
    if (autoCommits()) {
      settings.rollback();
      release(failed, false);
      over();
    } else {
      failed.poison();
    }
  }

  /** The same, if it was an answer; else the physical connection broke. */
  void failed(Unit failed, SQLException failure) throws SQLException {
    answeredOrBroken(failed, failure);
    failed(failed);
  }

  /**
   * Something else than a statement failed on the transaction's physical connection: if it broke,
   * the transaction is run again elsewhere, or is lost.
   */
  void answeredOrBroken(Unit current, SQLException failure) throws SQLException {
    if (coordinator.unreachable(failure)) {
      coordinator.suspect();
      broken(current, false, coordinator.budget(), failure);
    }
  }

  /** Whether the statement was done is not known, nor what became of the transaction with it. */
  void unknown(Unit lost, SQLException failure) {
    coordinator.evict(lost);
    unbind();
    if (autoCommits()) {
      failed(lost);
    } else {
      lost.lose(failure);
    }
  }

  /** A statement was run, or promised: commits it where each is a transaction of its own. */
  void done(Unit finished) throws SQLException {
    if (autoCommits()) {
      commit(finished);
    }
  }

  /**
   * The statement was run, but its answer is not of the kind that was asked for (rows of a write, a
   * count of a query): like the driver's, it stands where each is a transaction of its own.
   */
  void doneThough(Unit finished, SQLException answer) throws SQLException {
    finished.opaque("a statement answered something else than was asked for");
    try {
      done(finished);
    } catch (SQLException e) {
      if (!"25P02".equals(e.getSQLState())) {
        e.addSuppressed(answer);
        throw e;
      }
    }
  }

  /** What was run outside any transaction is done: nothing is to be committed. */
  void doneOutside(Unit finished) {
    settings.commit();
    release(finished, true);
    over();
  }

  /**
   * The physical connection broke before COMMIT was sent, so nothing of it happened: runs the
   * recording on another one, or goes on detached.
   *
   * @throws SQLException 40001 if it can't be run again (R6); the transaction is lost then
   */
  void broken(Unit current, boolean mayDetach, long budget, SQLException failure)
      throws SQLException {
    coordinator.evict(current);
    unbind();
    try {
      refuseAfterLoss(failure);
      checkOpen();
      runAgainOrDetach(current, mayDetach && deferrable(current), budget, failure);
    } catch (SQLException e) {
      if (autoCommits()) {
        failed(current);
      } else {
        current.lose(e);
      }
      throw e;
    }
  }

  private void runAgainOrDetach(Unit current, boolean detaches, long budget, SQLException failure)
      throws SQLException {
    if (!current.replayable()) {
      throw Refusals.retry("the connection broke, and " + current.whyNotReplayable(), failure);
    }
    boolean tooLong = coordinator.isPast(budget);
    if (detaches && tooLong) {
      return;
    }
    if (tooLong || (!attach(current, detaches, false) && !detaches)) {
      throw Refusals.retry("the connection broke, and no writer came in time", failure);
    }
  }

  /**
   * Undoes what came after a savepoint that the physical connection does not know: runs what came
   * before it on another one.
   */
  void runAgainTo(Savepoints.Mark mark, Unit current) throws SQLException {
    savepoints.rollback(mark, current, settings);
    if (current.physical() == null) {
      return;
    }
    Binding held = binding;
    if (held == null || held.isSoiled() || held.isUnwrapped()) {
      unbind();
      coordinator.evict(current);
    } else if (coordinator.rollback(current)) {
      giveBack(held, current);
    } else {
      unbind();
    }
    try {
      refuseAfterLoss(null);
      runAgainOrDetach(
          current,
          deferrable(current),
          coordinator.budget(),
          new SQLException("a savepoint of another connection", "3B001"));
    } catch (SQLException e) {
      current.lose(e);
      throw e;
    }
  }

  void beginByText() {
    begunByText = true;
  }

  /**
   * A text with BEGIN, COMMIT or ROLLBACK in it was run as it is, in auto-commit mode too: only the
   * driver knows whether it has left a transaction open.
   */
  void controlled(Unit current, boolean hasFailed) throws SQLException {
    Connection physical = Objects.requireNonNull(current.physical());
    boolean open = isInTransaction(physical);
    if (physical.getAutoCommit()) {
      physical.setAutoCommit(false);
    }
    begunByText = autoCommit && open;
    if (hasFailed) {
      failed(current);
    } else if (autoCommits()) {
      doneOutside(current);
    }
  }

  /** JDBC does not ask; but it lets nobody change this within a transaction. */
  private static boolean isInTransaction(Connection physical) throws SQLException {
    try {
      physical.setReadOnly(physical.isReadOnly());
      return false;
    } catch (SQLException e) {
      if (!"25001".equals(e.getSQLState())) {
        throw e;
      }
      return true;
    }
  }

  void commitByText() throws SQLException {
    begunByText = false;
    commitUnit();
  }

  void rollbackByText() {
    begunByText = false;
    rollbackUnit();
  }

  /** A statement was closed, and perhaps the last thing that kept a physical connection bound. */
  void forget(StatementHandler statement) {
    statements.remove(statement);
    giveBackUnneeded();
  }

  /** A result set, or a statement, is closed: perhaps the last that kept the connection bound. */
  void giveBackUnneeded() {
    Binding held = binding;
    if (unit == null && held != null && !held.isNeeded()) {
      giveBack(held, bound(held));
    }
  }

  /** Asks the physical connection of the transaction, or one that is borrowed for the question. */
  @Nullable Object ask(String what, Question question) throws Throwable {
    Object answer = askIfAttached(what, question);
    Auditing noted = auditing;
    if (noted != null) {
      noted.note(Kind.CALL_REFUSED, what, needs(what), unit == null);
    }
    return answer;
  }

  /** The same for what is answered in another way while detached, or not asked then. */
  @Nullable Object askIfAttached(String what, Question question) throws Throwable {
    checkOpen();
    Unit current = begunByText || isDriversOwn() ? begin(false) : unit;
    return current == null ? askOutside(what, question) : askWithin(current, what, question);
  }

  /** The application works with the driver's connection, which may have begun a transaction. */
  private boolean isDriversOwn() {
    Binding held = binding;
    return held != null && held.isUnwrapped() && !autoCommits();
  }

  private @Nullable Object askWithin(Unit current, String what, Question question)
      throws Throwable {
    long budget = coordinator.budget();
    while (true) {
      Connection physical = current.physical();
      if (physical == null) {
        throw current.poisoned() ? Refusals.aborted(current.lost()) : needsStore(what);
      }
      try {
        Object answer = held(question.ask(physical));
        if (answer instanceof ResultSet) {
          current.read(true);
        }
        return answer;
      } catch (SQLException e) {
        if (!coordinator.unreachable(e)) {
          current.read(true);
          throw e;
        }
        coordinator.suspect();
        broken(current, false, budget, e);
      }
    }
  }

  private @Nullable Object askOutside(String what, Question question) throws Throwable {
    long budget = coordinator.budget();
    while (true) {
      Unit passing = new Unit();
      if (!bind(passing, false, true)) {
        throw needsStore(what);
      }
      try {
        return held(question.ask(Objects.requireNonNull(passing.physical())));
      } catch (SQLException e) {
        if (!coordinator.unreachable(e)) {
          throw e;
        }
        coordinator.suspect();
        coordinator.evict(passing);
        if (coordinator.isPast(budget)) {
          throw Refusals.retry("the connection broke, and no writer came in time", e);
        }
      } finally {
        release(passing, true);
      }
    }
  }

  private @Nullable Object held(@Nullable Object answer) {
    if (answer instanceof PlatformResultSet rows && binding != null) {
      binding.hold(rows.driver);
    }
    return answer;
  }

  private SQLException needsStore(String what) {
    return coordinator.detached(needs(what));
  }

  private static String needs(String what) {
    return what + " needs the store";
  }

  static @Nullable Object call(Object target, Method method, @Nullable Object[] args)
      throws Throwable {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  /** Binds to the physical connection that stayed, or else to another one. */
  private boolean bind(Unit to, boolean detaches, boolean outside) throws SQLException {
    Binding kept = binding;
    if (kept != null) {
      if (goesOn(kept) && resume(to, kept, outside)) {
        return true;
      }
      giveBack(kept, bound(kept));
    }
    refuseAfterLoss(null);
    return attach(to, detaches, outside);
  }

  private boolean goesOn(Binding kept) {
    return coordinator.continues(kept.epoch(), clientInfo.orderingKey())
        && settings.values().keySet().containsAll(kept.session().keySet());
  }

  private boolean resume(Unit to, Binding kept, boolean outside) throws SQLException {
    try {
      to.attach(kept.physical(), kept.epoch());
      configure(kept, to, outside);
      if (kept.isUnwrapped()) {
        to.opaque(UNWRAPPED);
      }
      return true;
    } catch (SQLException e) {
      coordinator.evict(to);
      if (!coordinator.unreachable(e)) {
        throw e;
      }
      coordinator.suspect();
      return false;
    }
  }

  private boolean attach(Unit to, boolean detaches, boolean outside) throws SQLException {
    long budget = coordinator.budget();
    while (true) {
      Attachment attachment = coordinator.attach(clientInfo.orderingKey(), detaches);
      if (attachment == null) {
        return false;
      }
      to.attach(attachment.connection(), attachment.epoch());
      Binding fresh = new Binding(attachment.connection(), attachment.epoch());
      try {
        configure(fresh, to, outside);
        coordinator.replay(to, attachment.connection());
        binding = fresh;
        checkNotAborted();
        return true;
      } catch (SQLException e) {
        coordinator.evict(to);
        if (closed || !coordinator.unreachable(e) || coordinator.isPast(budget)) {
          throw e;
        }
        coordinator.suspect();
      } catch (StoreException e) {
        coordinator.evict(to);
        if (e.failure() != Failure.UNREACHABLE || coordinator.isPast(budget)) {
          throw Refusals.retry("run again after a failover it met " + e.sqlState(), e);
        }
        coordinator.suspect();
      }
    }
  }

  /** Another thread's {@code abort} has found nothing to abort. */
  private void checkNotAborted() throws SQLException {
    if (closed) {
      binding = null;
      throw Refusals.closed();
    }
  }

  /** Settings are made before the transaction begins, which may have to be given options first. */
  private void configure(Binding held, Unit to, boolean outside) throws SQLException {
    Map<String, String> wanted = context(to).settings();
    boolean enters = !held.session().equals(wanted);
    held.prepare(isolation, readOnly, outside || enters);
    if (networkTimeout > 0) {
      held.physical().setNetworkTimeout(Runnable::run, networkTimeout);
    }
    if (enters) {
      coordinator.store().enter(held.physical(), wanted);
      held.enteredForGood(wanted);
      held.prepare(isolation, readOnly, outside);
    }
    if (!to.localSettings().isEmpty()) {
      held.soil();
    }
  }

  private static Unit bound(Binding held) {
    Unit passing = new Unit();
    passing.attach(held.physical(), held.epoch());
    return passing;
  }

  /** The transaction is over: its physical connection goes back, unless it has to stay. */
  private void release(Unit finished, boolean committed) {
    Binding held = binding;
    if (held == null || finished.physical() != held.physical()) {
      stateLost |= committed && held != null && held.holdsStateNow();
      unbind();
      coordinator.drop(finished);
      return;
    }
    if (!committed && !coordinator.rollback(finished)) {
      unbind();
      return;
    }
    held.over(committed);
    if (closed || !held.isNeeded()) {
      giveBack(held, finished);
    } else {
      finished.detach();
      autoCommitForOthers(held);
    }
  }

  /**
   * Whoever works with what the driver has handed out (result sets, its connection) between
   * transactions finds the mode that was set on ours, so that nothing of it stays uncommitted.
   */
  private void autoCommitForOthers(Binding held) {
    try {
      held.prepare(isolation, readOnly, autoCommit);
    } catch (SQLException e) {
      coordinator.suspect();
    }
  }

  /** The binding is no more, however it ended. */
  private void unbind() {
    Binding held = binding;
    binding = null;
    stateLost |= held != null && held.holdsState();
  }

  /** What nobody can make again is not missed in silence: this connection ends, as a driver's. */
  private void refuseAfterLoss(@Nullable SQLException cause) throws SQLException {
    if (stateLost) {
      closed = true;
      throw Refusals.stateLost(cause);
    }
  }

  private void giveBack(Binding held, Unit finished) {
    unbind();
    if (held.isSoiled() || !coordinator.restore(held.physical(), held.settings())) {
      finished.dirty();
    }
    coordinator.drop(finished);
  }

  private Context context(Unit of) {
    if (settings.values().isEmpty() && of.localSettings().isEmpty()) {
      return isolation == Isolation.DEFAULT ? Context.NONE : new Context(isolation, Map.of(), null);
    }
    Map<String, String> all = new LinkedHashMap<>(settings.values());
    all.putAll(of.localSettings());
    return new Context(isolation, all, null);
  }

  private Terms terms(Unit of) {
    return new Terms(
        deferrable(of),
        clientInfo.orderingKey(),
        clientInfo.traceParent(),
        (readOnly && !of.isReadWrite()) || of.isReadOnly(),
        context(of),
        clientInfo.intentKey());
  }

  private @Nullable Object commitCall() throws SQLException {
    refuseInAutoCommit("commit()");
    commitUnit();
    return null;
  }

  private void refuseInAutoCommit(String what) throws SQLException {
    if (autoCommit) {
      throw new SQLException(what + " in auto-commit mode", "25P01");
    }
  }

  private void commitUnit() throws SQLException {
    Unit current = unit == null ? ofDriversConnection() : unit;
    if (current != null) {
      commit(current);
    } else {
      settings.commit();
      over();
    }
  }

  /** What the application may have begun with the driver's connection alone; null if it can't. */
  private @Nullable Unit ofDriversConnection() {
    Binding held = binding;
    if (held == null || !held.isUnwrapped()) {
      return null;
    }
    Unit passing = bound(held);
    passing.opaque(UNWRAPPED);
    return passing;
  }

  private void commit(Unit current) throws SQLException {
    boolean committed = false;
    try {
      refuseIfFailed(current);
      if (current.physical() != null
          || !current.operations().isEmpty()
          || current.isAcrossStores()) {
        committed(coordinator.commit(current, terms(current)));
      }
      committed = true;
    } finally {
      if (committed) {
        settings.commit();
      } else {
        settings.rollback();
      }
      release(current, committed);
      over();
    }
  }

  /** What failed where no physical connection could say so. */
  private void refuseIfFailed(Unit current) throws SQLException {
    SQLException lost = current.lost();
    if (lost != null) {
      throw "08007".equals(lost.getSQLState())
          ? Refusals.aborted(lost)
          : Refusals.retry("an earlier statement said so", lost);
    }
    if (current.poisoned() && current.physical() == null) {
      throw coordinator.detached("an earlier statement of the transaction failed");
    }
  }

  private void committed(Receipt now) {
    receipt = now;
    if (now.status() == Receipt.Status.ACCEPTED) {
      warnings.replace(
          "transaction " + now.id() + " is accepted and will be applied later", ACCEPTED);
    }
  }

  /** The platform's, and the driver's behind it. */
  private @Nullable SQLWarning warnings() throws SQLException {
    Binding held = binding;
    return warnings.chain(held == null ? null : held.physical().getWarnings());
  }

  private @Nullable Object clearWarnings() throws SQLException {
    warnings.clear();
    Binding held = binding;
    if (held != null) {
      held.physical().clearWarnings();
    }
    return null;
  }

  private @Nullable Object rollback() throws SQLException {
    refuseInAutoCommit("rollback()");
    rollbackUnit();
    return null;
  }

  private void rollbackUnit() {
    settings.rollback();
    Unit current = unit == null ? ofDriversConnection() : unit;
    if (current != null) {
      release(current, false);
    }
    over();
  }

  private @Nullable Object rollbackTo(@Nullable Savepoint savepoint) throws SQLException {
    SavepointHandle handle = SavepointHandle.of(savepoint);
    refuseOutsideTransaction();
    run("ROLLBACK TO SAVEPOINT " + handle.quoted());
    return null;
  }

  private Savepoint savepoint(@Nullable String name) throws SQLException {
    refuseInAutoCommit("setSavepoint()");
    SavepointHandle savepoint = new SavepointHandle(name == null ? unnamedSavepoints++ : 0, name);
    run("SAVEPOINT " + savepoint.quoted());
    return savepoint;
  }

  private @Nullable Object release(@Nullable Savepoint savepoint) throws SQLException {
    SavepointHandle handle = SavepointHandle.of(savepoint);
    refuseOutsideTransaction();
    run("RELEASE SAVEPOINT " + handle.quoted());
    handle.release();
    return null;
  }

  /** Without a word to the store, or that would begin a transaction. */
  private void refuseOutsideTransaction() throws SQLException {
    if (unit == null && !begunByText) {
      throw new SQLException("there is no transaction under way", "25P01");
    }
  }

  /** As if the application had run it. */
  private void run(String sql) throws SQLException {
    try (Statement statement = proxy.createStatement()) {
      statement.execute(sql);
    }
  }

  private @Nullable Object setAutoCommit(boolean on) throws SQLException {
    if (on && !autoCommit) {
      commitUnit();
    }
    autoCommit = on;
    Binding held = binding;
    if (unit == null && held != null) {
      autoCommitForOthers(held);
    }
    return null;
  }

  private @Nullable Object setReadOnly(boolean on) throws SQLException {
    betweenTransactions("setReadOnly");
    readOnly = on;
    return null;
  }

  private @Nullable Object setIsolation(int level) throws SQLException {
    betweenTransactions("setTransactionIsolation");
    if (level == Connection.TRANSACTION_NONE) {
      throw new SQLException("TRANSACTION_NONE is no isolation to be set", "0A000");
    }
    try {
      isolation = Isolation.of(level);
    } catch (IllegalArgumentException e) {
      throw new SQLException(e.getMessage(), "0A000", e);
    }
    return null;
  }

  /** Of the transaction under way, which a text may have given another one than was set. */
  private @Nullable Object isolation(Method method) throws Throwable {
    if (!detached()) {
      return askIfAttached(
          "getTransactionIsolation", physical -> call(driver(physical), method, NOTHING));
    }
    return isolation == Isolation.DEFAULT
        ? Integer.valueOf(Connection.TRANSACTION_READ_COMMITTED)
        : Integer.valueOf(isolation.level());
  }

  /** A pool may answer what was set by call. */
  private static Connection driver(Connection physical) throws SQLException {
    return physical.isWrapperFor(Connection.class) ? physical.unwrap(Connection.class) : physical;
  }

  private @Nullable Object setSchema(@Nullable String schema) throws SQLException {
    if (unit == null && autoCommits()) {
      settings.set("search_path", schema == null ? null : SqlScanner.identifier(schema));
      settings.commit();
    } else {
      run("SET SESSION search_path TO " + (schema == null ? "DEFAULT" : SqlScanner.quoted(schema)));
    }
    return null;
  }

  /** Where names are looked for; while detached as last known, unless a setting has moved it. */
  private @Nullable Object place(Method method, @Nullable Object[] args) throws Throwable {
    String key = "Connection." + method.getName();
    Unit current = unit;
    boolean moved =
        method.getName().equals("getSchema")
            && (settings.values().containsKey("search_path")
                || (current != null && current.localSettings().containsKey("search_path")));
    Object last = moved || !detached() ? null : sessions.lastKnown().get(key, String.class);
    if (last != null) {
      return last;
    }
    Question question = physical -> call(physical, method, args);
    Object answer = moved ? ask(key, question) : askIfAttached(key, question);
    if (unit == null && !moved) {
      sessions.lastKnown().put(key, answer);
    }
    return answer;
  }

  private @Nullable Object setNetworkTimeout(int milliseconds) throws SQLException {
    if (milliseconds < 0) {
      throw new SQLException("a time limit is not negative: " + milliseconds, "22023");
    }
    networkTimeout = milliseconds;
    Binding held = binding;
    if (held != null) {
      held.physical().setNetworkTimeout(Runnable::run, milliseconds);
    }
    return null;
  }

  private @Nullable Object setHoldability(int wanted) throws SQLException {
    StatementOptions.checkHoldability(wanted);
    holdability = wanted;
    return null;
  }

  /** Set on the driver's connection it would stay there for others; pgjdbc knows none either. */
  private static @Nullable Object setTypeMap(@Nullable Map<?, ?> types) throws SQLException {
    if (types != null && !types.isEmpty()) {
      throw new SQLFeatureNotSupportedException("custom type maps are not supported", "0A000");
    }
    return null;
  }

  private static boolean holdsTransaction(Unit of) throws SQLException {
    Connection physical = of.physical();
    return physical != null && isInTransaction(physical);
  }

  private DatabaseMetaData metaData() {
    DatabaseMetaData made = metaData == null ? MetaDataHandler.open(this) : metaData;
    metaData = made;
    return made;
  }

  private void betweenTransactions(String what) throws SQLException {
    Unit current = unit;
    if (current != null && !begunByText && current.isUntouched() && !holdsTransaction(current)) {
      release(current, false);
      over();
      return;
    }
    if (current != null || begunByText) {
      throw new SQLException(what + " within a transaction", "25001");
    }
  }

  /** As the driver does it, with names of the platform's besides. */
  private @Nullable Object setClientInfo(@Nullable Object[] args) throws SQLException {
    try {
      checkOpen();
      return info(args);
    } catch (SQLClientInfoException e) {
      throw e;
    } catch (SQLException e) {
      throw new SQLClientInfoException(
          "client info is not set: " + e.getMessage(),
          args.length == 1 ? "0A000" : e.getSQLState(),
          Map.of(APPLICATION_NAME, ClientInfoStatus.REASON_UNKNOWN),
          e);
    }
  }

  private @Nullable Object info(@Nullable Object[] args) throws SQLException {
    if (args.length == 1 && args[0] instanceof Properties all) {
      clientInfo.setAll(all);
      name(all.getProperty(APPLICATION_NAME));
    } else if (APPLICATION_NAME.equals(args[0])) {
      name((String) args[1]);
    } else if (ClientInfo.isOurs(String.valueOf(args[0]))) {
      clientInfo.set(String.valueOf(args[0]), (String) args[1]);
    } else {
      warnings.add("ClientInfo property not supported.", "0A000");
    }
    return null;
  }

  private void name(@Nullable String application) throws SQLException {
    if (unit == null && !begunByText) {
      settings.set("application_name", application);
      settings.commit();
    } else if (application != null) {
      run("SET application_name = '" + application.replace("'", "''") + "'");
    } else if (settings.values().containsKey("application_name")) {
      run("RESET application_name");
    }
  }

  private @Nullable Object getClientInfo(@Nullable Object[] args) throws Throwable {
    if (args.length > 0 && ClientInfo.isOurs(String.valueOf(args[0]))) {
      return clientInfo.get(String.valueOf(args[0]));
    }
    boolean wantsName = args.length == 0 || APPLICATION_NAME.equals(args[0]);
    String name = wantsName ? applicationName() : null;
    if (args.length > 0) {
      return name;
    }
    Properties all = clientInfo.all();
    if (name != null) {
      all.setProperty(APPLICATION_NAME, name);
    }
    return all;
  }

  private @Nullable String applicationName() throws Throwable {
    String set = settings.values().get("application_name");
    if (set != null || detached()) {
      return set;
    }
    return (String)
        askIfAttached("getClientInfo", physical -> physical.getClientInfo(APPLICATION_NAME));
  }

  /** The driver's object behind one of ours; the transaction is opaque from then on. */
  Object unwrap(Object own, Class<?> type, Question which) throws Throwable {
    if (type.isInstance(own)) {
      return own;
    }
    if (own == proxy && type.isInstance(platform)) {
      return platform;
    }
    if (!autoCommits()) {
      begin(false);
    }
    Object found =
        ask(
            "unwrap",
            physical -> {
              Wrapper wrapper = (Wrapper) Objects.requireNonNull(which.ask(physical));
              if (!wrapper.isWrapperFor(type)) {
                throw new SQLException("not a wrapper for " + type.getName(), "0A000");
              }
              Object driver = wrapper.unwrap(type);
              unwrapped(physical, UNWRAPPED);
              return driver;
            });
    return Objects.requireNonNull(found);
  }

  /** The application has an object of the driver's that can write by itself. */
  void lent(@Nullable Connection physical) {
    Binding held = binding;
    if (held != null && held.physical() == physical) {
      held.lend();
    }
    noteNotReplayable(UNWRAPPED);
    Unit current = unit;
    if (current != null) {
      current.opaque(UNWRAPPED);
    }
  }

  /** The application has something of the driver's in its hands that leads to its connection. */
  void unwrapped(@Nullable Connection physical, String what) {
    Binding held = binding;
    if (held != null && held.physical() == physical) {
      held.unwrap();
    }
    noteNotReplayable(what);
    Unit current = unit;
    if (current != null) {
      current.opaque(what);
    }
  }

  private void noteNotReplayable(String why) {
    Auditing noted = auditing;
    if (noted != null) {
      noted.note(Kind.NOT_REPLAYABLE, "a call that hands out the driver's", why, unit == null);
    }
  }

  boolean isWrapperFor(Object own, Class<?> type, Question which) throws Throwable {
    if (type.isInstance(own) || (own == proxy && type.isInstance(platform))) {
      return true;
    }
    return !detached()
        && Boolean.TRUE.equals(
            askIfAttached(
                "isWrapperFor",
                physical ->
                    ((Wrapper) Objects.requireNonNull(which.ask(physical))).isWrapperFor(type)));
  }

  private Object statement(Method method, @Nullable Object[] args) throws Throwable {
    if (!method.getName().equals("createStatement")) {
      given(args);
    }
    StatementOptions.check(args);
    StatementHandler statement = new StatementHandler(this, method, args);
    statements.add(statement);
    statement.checkCreation();
    return statement.proxy();
  }

  /** By its text and its parameters, as a prepared statement. */
  private @Nullable Object enlist(StoreOperation enlisted) throws SQLException {
    Operation operation = operation(enlisted);
    if (!enlisted.store().equals(coordinator.store().name())) {
      return enlistForOther(enlisted.store(), operation);
    }
    try (PreparedStatement statement = proxy.prepareStatement(operation.sql())) {
      for (List<Parameter> row : operation.rows()) {
        for (int i = 0; i < row.size(); i++) {
          statement.setObject(i + 1, coordinator.store().parameterCodec().decode(row.get(i)));
        }
        statement.executeUpdate();
      }
    }
    return null;
  }

  /** What it puts into the spool is held until the transaction is over. */
  private Operation operation(StoreOperation enlisted) throws SQLException {
    return Spooling.taking(() -> enlisted.operation(contents()));
  }

  /** It is answered with the commit, as one statement. */
  private @Nullable Object enlistForOther(String name, Operation operation) throws SQLException {
    Store other = coordinator.parts().storeOf(name);
    if (autoCommits()) {
      throw new SQLException(
          "an operation for store %s needs a transaction here: call setAutoCommit(false), or use a connection of that store"
              .formatted(name),
          "25P01");
    }
    Unit of = begin(true);
    if (of.poisoned()) {
      throw Refusals.aborted(of.lost());
    }
    List<Operation> part = new ArrayList<>(of.forOther(name));
    part.add(operation);
    String refusal = other.refusalOfPart(part);
    if (refusal != null) {
      throw new SQLFeatureNotSupportedException(refusal, "0A000");
    }
    of.enlist(name, operation);
    return null;
  }

  private void over() {
    Auditing noted = auditing;
    if (noted != null) {
      noted.over(unit);
    }
    unit = null;
    begunByText = false;
    savepoints.clear();
    intake.over();
    ContentHold hold = contents;
    if (hold != null) {
      hold.over();
    }
    clientInfo.transactionIsOver();
  }

  private @Nullable Object close() {
    closed = true;
    rollbackUnit();
    List.copyOf(statements).forEach(StatementHandler::close);
    ContentHold hold = contents;
    if (hold != null) {
      hold.close();
    }
    Binding rest = binding;
    if (rest != null) {
      giveBack(rest, bound(rest));
    }
    return null;
  }

  /** From any thread: whoever waits in a call on the physical connection gets an exception. */
  private @Nullable Object abort() throws SQLException {
    closed = true;
    Binding held = binding;
    if (held != null) {
      coordinator.abort(held.physical());
    }
    return null;
  }

  private boolean isValid(int timeout) throws SQLException {
    if (timeout < 0) {
      throw new SQLException("a time limit is not negative: " + timeout, "22023");
    }
    return !closed && coordinator.takesWork();
  }

  private void checkOpen() throws SQLException {
    if (closed) {
      throw Refusals.closed();
    }
  }

  private static Object given(@Nullable Object[] args) throws SQLException {
    Object first = args[0];
    if (first == null) {
      throw new SQLException("an argument is null", "22004");
    }
    return first;
  }

  /** What is asked of a physical connection. */
  @FunctionalInterface
  interface Question {
    @Nullable Object ask(Connection physical) throws Throwable;
  }
}
