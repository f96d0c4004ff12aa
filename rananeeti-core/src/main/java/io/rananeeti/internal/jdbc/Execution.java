package io.rananeeti.internal.jdbc;

import static io.rananeeti.internal.jdbc.ConnectionHandler.NEEDS_ANSWER;

import io.rananeeti.OutageAudit;
import io.rananeeti.UpdateCounts;
import io.rananeeti.VolatileFunctions;
import io.rananeeti.internal.Coordinator;
import io.rananeeti.internal.Refusals;
import io.rananeeti.internal.Unit;
import io.rananeeti.internal.jdbc.Savepoints.Mark;
import io.rananeeti.internal.jdbc.SqlScanner.Effects;
import io.rananeeti.internal.jdbc.SqlVerdict.Kind;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.StatementReader;
import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One run of a statement: attached, detached, or from the one to the other. Used once, by the
 * connection's thread.
 */
final class Execution {

  /** Settings of the server's own whose value it keeps as it was given. */
  private static final Set<String> GIVEN_BACK = Set.of("search_path", "role");

  private static final Pattern NEXT_VALUE =
      Pattern.compile(
          "(?i)\\s*SELECT\\s+(pg_catalog\\.)?nextval\\s*\\(\\s*'[^']*'\\s*(::\\s*regclass\\s*)?\\)\\s*;?\\s*");

  private final StatementHandler statement;
  private final ConnectionHandler connection;
  private final Coordinator coordinator;
  private final List<Write> writes;
  private final SqlVerdict verdict;
  private final Method method;
  private final @Nullable Object[] args;
  private final boolean wantsKeys;
  private final @Nullable NextvalQuery nextval;
  private final @Nullable PromisedKeys keys;
  private boolean isOutside;
  private @Nullable ResultSet promisedRows;

  /**
   * Of a single text, or of a batch of them.
   *
   * @param verdict on all of them together
   * @param method as the application called it
   */
  Execution(
      StatementHandler statement,
      List<Write> writes,
      SqlVerdict verdict,
      Method method,
      @Nullable Object[] args) {
    this.statement = statement;
    this.connection = statement.connection();
    this.coordinator = connection.coordinator();
    this.writes = writes;
    this.verdict = verdict;
    this.method = method;
    this.args = args;
    this.wantsKeys = statement.wantsKeys(args);
    this.nextval = nextval();
    this.keys = keys();
  }

  private @Nullable NextvalQuery nextval() {
    boolean possible = verdict.kind() == Kind.OTHER && verdict.opaque() == null && !isBatch();
    return possible ? connection.sessions().sequenceTexts().query(writes.get(0).sql()) : null;
  }

  private @Nullable PromisedKeys keys() {
    Write write = writes.get(0);
    boolean possible = writes.size() == 1 && write.verdict().kind() == Kind.INSERT;
    if (!possible || (!wantsKeys && write.verdict().veto() == null)) {
      return null;
    }
    InsertText insert = connection.sessions().sequenceTexts().insert(write.sql());
    Object wanted = statement.wantedKeys(args);
    if (insert == null || wanted instanceof int[] || (!wantsKeys && insert.returning() == null)) {
      return null;
    }
    return new PromisedKeys(
        coordinator.store().name(),
        coordinator.leasing(),
        naming(),
        write,
        insert,
        PromisedKeys.names(wanted));
  }

  /** What decides what names in the text mean. */
  private Map<String, String> naming() {
    Unit unit = connection.unit();
    return PromisedKeys.settings(
        connection.settings().values(), unit == null ? Map.of() : unit.localSettings());
  }

  /** Runs it; the answer is of the type that the application's method returns. */
  @Nullable Object run() throws Throwable {
    Answer before = statement.answer();
    try {
      return runAnswered();
    } catch (SQLException e) {
      if (wasNotEvenTried(e)) {
        statement.answer(before);
      }
      throw e;
    }
  }

  /** The driver looks at how keys are asked for before anything else. */
  private boolean wasNotEvenTried(SQLException e) {
    return args.length == 2 && ("0A000".equals(e.getSQLState()) || "22023".equals(e.getSQLState()));
  }

  private @Nullable Object runAnswered() throws Throwable {
    if (!isOfPlatform()) {
      statement.begin(true);
      return statement();
    }
    statement.begin(false);
    switch (verdict.kind()) {
      case BEGIN -> begin();
      case COMMIT -> connection.commitByText();
      default -> connection.rollbackByText();
    }
    if (statement.isClosed()) {
      throw new SQLException("it has been run, and this statement is closed by that", "55000");
    }
    if (method.getName().equals("executeQuery")) {
      statement.answer(Answer.counted(0));
      throw new SQLException("it has been run, and returns no rows", "02000");
    }
    return counted(0);
  }

  /** What needs no word of the store: where there is nothing to end, or begun already, it warns. */
  private boolean isOfPlatform() {
    boolean nothing = connection.unit() == null && connection.autoCommits();
    return switch (verdict.kind()) {
      case BEGIN -> nothing;
      case COMMIT, ROLLBACK -> !nothing || connection.detached();
      default -> false;
    };
  }

  /** Its options are those of SET TRANSACTION. */
  private void begin() throws Throwable {
    connection.beginByText();
    String options = verdict.value();
    if (options == null) {
      return;
    }
    try {
      statement.runInstead("SET TRANSACTION " + options);
    } catch (SQLException e) {
      connection.rollbackByText();
      throw e;
    }
  }

  private @Nullable Object statement() throws Throwable {
    connection.use(writes);
    refuseIntentKey();
    if (verdict.controls()) {
      return controlling();
    }
    if (verdict.outside() && connection.autoCommits()) {
      return outside();
    }
    if (needsTransaction() && connection.autoCommits()) {
      return outsideAnyTransaction();
    }
    String refusal = refusal();
    Unit unit = connection.begin(refusal);
    try {
      return within(unit, refusal == null);
    } catch (RuntimeException | Error e) {
      connection.failed(unit);
      throw e;
    }
  }

  /** What commits by itself, or runs outside transactions, is not sent under an intent key (S6). */
  private void refuseIntentKey() throws SQLException {
    if (connection.hasIntentKey() && (verdict.controls() || verdict.outside())) {
      throw Refusals.noIntent("it holds a statement that nobody can settle");
    }
  }

  /** The store says so, or warns. It has no effect, so it is safe to be said again. */
  private @Nullable Object outsideAnyTransaction() throws Throwable {
    if (connection.detached() && isOfSavepoints()) {
      throw new SQLException("a savepoint in auto-commit mode", "25P01");
    }
    long budget = coordinator.budget();
    while (true) {
      try {
        return outside();
      } catch (SQLException e) {
        boolean broke = coordinator.unreachable(e);
        if (endsNothing() && (broke || Refusals.DETACHED.equals(e.getSQLState()))) {
          return counted(0);
        }
        if (!broke) {
          throw e;
        }
        if (coordinator.isPast(budget)) {
          throw Refusals.retry("the connection broke, and no writer came in time", e);
        }
      }
    }
  }

  /** A COMMIT or ROLLBACK where nothing is under way, so that nothing depends on the answer. */
  private boolean endsNothing() {
    return verdict.kind() == Kind.COMMIT || verdict.kind() == Kind.ROLLBACK;
  }

  private @Nullable Object within(Unit unit, boolean mayDetach) throws Throwable {
    long budget = coordinator.budget();
    while (true) {
      Connection physical = unit.physical();
      if (physical == null) {
        return detached(unit);
      }
      Object result;
      int hindrances = unit.hindrances();
      try {
        result = attached(unit, physical);
        audit(unit, hindrances);
      } catch (SQLException e) {
        answeredOrBroken(unit, e);
        connection.broken(unit, mayDetach, budget, e);
        continue;
      }
      if (isPlainAlone()) {
        connection.doneOutside(unit);
      } else {
        connection.done(unit);
      }
      return result;
    }
  }

  /** Returns if the connection broke before anything was committed. */
  private void answeredOrBroken(Unit unit, SQLException e) throws SQLException {
    boolean answered =
        !coordinator.unreachable(e)
            || (Refusals.READ_ONLY.equals(e.getSQLState()) && connection.declaresReadOnly(unit));
    if (answered) {
      if (wasRun(e)) {
        rememberState(unit);
        if (isOutside) {
          connection.doneOutside(unit);
        } else {
          connection.doneThough(unit, e);
        }
      } else {
        connection.failed(unit);
      }
      throw e;
    }
    coordinator.suspect();
    if (verdict.outside()) {
      SQLException unknowable = Refusals.unknowable(e);
      connection.unknown(unit, unknowable);
      throw unknowable;
    }
  }

  /**
   * Classes 01 and 02 are no errors: the driver has found another answer than was asked for. 24 is
   * a direction that was set and that the rows do not have, 55000 a statement that its driver has
   * closed on completion of what it had answered before.
   */
  private static boolean wasRun(SQLException e) {
    String state = e.getSQLState();
    return state != null
        && (state.startsWith("01")
            || state.startsWith("02")
            || state.startsWith("24")
            || state.equals("55000"));
  }

  /** A query that needs no transaction around it. */
  private boolean isPlainAlone() {
    return verdict.kind() == Kind.PLAIN_QUERY && connection.autoCommits();
  }

  /** What the store refuses, or warns of, outside of transactions. */
  private boolean needsTransaction() {
    return switch (verdict.kind()) {
      case IN_TRANSACTION, MODES, COMMIT, ROLLBACK -> true;
      case LOCAL_SETTING -> !connection.detached();
      default -> isOfSavepoints();
    };
  }

  private boolean isOfSavepoints() {
    return switch (verdict.kind()) {
      case SAVEPOINT, RELEASE, ROLLBACK_TO -> true;
      default -> false;
    };
  }

  private @Nullable Object attached(Unit unit, Connection physical) throws Throwable {
    markOnce(unit);
    if (isPlainAlone()) {
      physical.setAutoCommit(true);
    }
    return switch (verdict.kind()) {
      case SAVEPOINT -> {
        Object result = onDriver(physical);
        connection.savepoints().set(verdict.name(), unit, connection.settings());
        yield result;
      }
      case RELEASE -> release(physical);
      case ROLLBACK_TO -> rollbackTo(unit, physical);
      case EMPTY -> onDriver(physical);
      case BEGIN -> beginWithin(unit, physical);
      default -> {
        Object result = onDriver(physical);
        record(unit, result);
        yield result;
      }
    };
  }

  /** There is one already, says the store; but the options count. */
  private @Nullable Object beginWithin(Unit unit, Connection physical) throws Throwable {
    Object result = onDriver(physical);
    rememberState(unit);
    return result;
  }

  private @Nullable Object release(Connection physical) throws Throwable {
    Mark mark = connection.savepoints().find(verdict.name());
    if (mark != null && !mark.isKnownTo(physical)) {
      setAgain(mark, physical);
    }
    Object result = onDriver(physical);
    if (mark != null) {
      connection.savepoints().release(mark);
    }
    return result;
  }

  /**
   * Makes a savepoint of an earlier physical connection known to this one, to be released: the
   * database says then whether the transaction takes that, and those set after it go with it.
   */
  private void setAgain(Mark mark, Connection physical) throws SQLException {
    try (Statement driver = physical.createStatement()) {
      for (Mark later : connection.savepoints().newerThan(mark)) {
        if (later.isKnownTo(physical)) {
          driver.execute("RELEASE SAVEPOINT " + SqlScanner.quoted(later.name()));
        }
      }
      driver.execute("SAVEPOINT " + SqlScanner.quoted(mark.name()));
    }
  }

  private @Nullable Object rollbackTo(Unit unit, Connection physical) throws Throwable {
    Mark mark = connection.savepoints().find(verdict.name());
    if (mark != null && !mark.isKnownTo(physical)) {
      connection.runAgainTo(mark, unit);
      return counted(0);
    }
    if (mark != null) {
      connection.savepoints().rollback(mark, unit, connection.settings());
    }
    Object result = onDriver(physical);
    Binding held = connection.binding();
    if (held != null) {
      held.entered(connection.settings().values());
    }
    return result;
  }

  /** What can be read only once is not run again: said before any of it is read. */
  private void markOnce(Unit unit) {
    for (Write write : writes) {
      String once = write.once();
      if (!once.isEmpty()) {
        unit.opaque(once);
      }
    }
  }

  private @Nullable Object onDriver(Connection physical) throws Throwable {
    Statement driver = statement.prepare(physical);
    int fetchSize = readsAtOnce() ? driver.getFetchSize() : 0;
    if (fetchSize > 0) {
      driver.setFetchSize(0);
    }
    Object result;
    try {
      for (Write write : writes) {
        hand(write, driver);
      }
      result = ConnectionHandler.call(driver, method, args);
    } catch (SQLException | RuntimeException e) {
      failed(driver);
      throw e;
    } finally {
      if (fetchSize > 0) {
        driver.setFetchSize(fetchSize);
      }
    }
    Answer answer = answer(driver, result);
    statement.answer(answer);
    if (wantsKeys) {
      statement.keepKeys(driver.getGeneratedKeys());
    }
    hold(driver);
    return result instanceof ResultSet ? answer.rows() : result;
  }

  /**
   * The driver would leave the rows behind a cursor, which ends with the transaction that this one
   * statement is; in auto-commit mode it reads them at once, too.
   */
  private boolean readsAtOnce() {
    return (connection.autoCommits() && !isPlainAlone()) || (retains() && mayKeepAnswer());
  }

  private boolean retains() {
    return coordinator.retains();
  }

  /** Whether what it answers is kept with what is recorded, and so is needed at once. */
  private boolean mayKeepAnswer() {
    return switch (verdict.kind()) {
      case INSERT, COUNTED -> true;
      case OTHER -> verdict.opaque() == null && (nextval != null || mayHaveEffects());
      default -> false;
    };
  }

  /** Whether it is a query that may have more effects than to lock rows. */
  private boolean mayHaveEffects() {
    return connection.sessions().sequenceTexts().effects(writes.get(0).sql()) != Effects.NONE;
  }

  /** What the driver's statement has to say all the same. */
  private void failed(Statement driver) {
    try {
      if (isBatch()) {
        driver.clearBatch();
      }
      if (!statement.isClosed()) {
        statement.answer(answer(driver, null));
        hold(driver);
      }
    } catch (SQLException e) {
      statement.answer(Answer.NONE);
    }
  }

  private void hand(Write write, Statement driver) throws Throwable {
    if (isBatch() && !write.prepared()) {
      driver.addBatch(write.sql());
      return;
    }
    for (List<Given> row : write.rows()) {
      if (write.prepared()) {
        statement.clearLeftOver(row, write.verdict(), (PreparedStatement) driver);
      }
      for (Given given : row) {
        given.call().on(driver);
      }
      if (isBatch()) {
        ((PreparedStatement) driver).addBatch();
      }
    }
  }

  private Answer answer(Statement driver, @Nullable Object result) throws SQLException {
    ResultSet rows = result instanceof ResultSet answered ? answered : null;
    if (rows == null && !isBatch()) {
      rows = driver.getResultSet();
    }
    long count = isBatch() || rows != null ? -1 : driver.getLargeUpdateCount();
    return new Answer(
        count, rows == null ? null : statement.rowsOf(rows), driver.getWarnings(), driver);
  }

  /** The physical connection stays as long as the application may read from it. */
  private void hold(Statement driver) {
    Binding held = Objects.requireNonNull(connection.binding());
    PlatformResultSet rows = statement.answer().rows();
    if (rows != null) {
      held.hold(rows.driver);
    }
    boolean saysMore = verdict.several() && !isBatch();
    if (wantsKeys || saysMore || driver instanceof CallableStatement) {
      held.hold(driver);
    }
  }

  private void record(Unit unit, @Nullable Object result) throws SQLException {
    boolean reads = statement.answer().rows() != null;
    rememberState(unit);
    if (verdict.kind() == Kind.MODES) {
      return;
    }
    if (verdict.opaque() != null) {
      unit.opaque(verdict.opaque());
    } else if (isSetting()) {
      return;
    } else if (reads && !writes.get(0).isWrite()) {
      if (verdict.literals() == null) {
        unit.read(verdict.kind() == Kind.PLAIN_QUERY);
        countValues();
        ask(unit);
        if (retains()) {
          retainQuery(unit);
        }
      }
    } else {
      recordWrites(unit, result);
      if (reads || wantsKeys) {
        unit.read(false);
      }
      if (keys != null) {
        keys.answered();
      }
    }
  }

  /**
   * A query that may write, by functions that it calls, is part of what an intent key stands for.
   * The next value of a sequence is not: another one each time, and no more than a number.
   */
  private void ask(Unit unit) {
    if (verdict.kind() == Kind.PLAIN_QUERY || nextval != null || isNextValue()) {
      return;
    }
    if (!connection.hasIntentKey()) {
      unit.askUntold("its intent key was given behind a query that may write: give it first");
      return;
    }
    for (Write write : writes) {
      Operation query = write.operation(Counts.same(write.rows().size(), Operation.ANY));
      if (query == null) {
        unit.askUntold(write.unkept());
      } else {
        unit.ask(query);
      }
    }
  }

  private boolean isNextValue() {
    return writes.stream().allMatch(write -> NEXT_VALUE.matcher(write.sql()).matches());
  }

  /** What it has left in the session, or made of the transaction. */
  private void rememberState(Unit unit) throws SQLException {
    if (verdict.leavesState()) {
      Objects.requireNonNull(connection.binding()).pin();
    }
    if (verdict.kind() == Kind.MODES) {
      modes(unit);
    }
    if (verdict.kind() == Kind.BEGIN) {
      beginModes(unit);
    }
    if (isSetting() && verdict.opaque() == null) {
      remember(unit);
      rememberOnSession();
    }
  }

  private void beginModes(Unit unit) {
    if (verdict.value() != null) {
      unit.modes("BEGIN with options can't be recorded");
    }
    if (!verdict.name().isEmpty()) {
      unit.makeReadOnly(verdict.name().equals("on"));
    }
  }

  private void modes(Unit unit) {
    unit.modes(String.valueOf(verdict.opaque()));
    String readOnly = verdict.value();
    if (readOnly != null) {
      unit.makeReadOnly(readOnly.equals("on"));
    }
  }

  private void rememberOnSession() {
    if (verdict.kind() == Kind.SETTING || verdict.kind() == Kind.SET_CONFIG) {
      Objects.requireNonNull(connection.binding()).entered(connection.settings().values());
    }
  }

  private void retainQuery(Unit unit) {
    PlatformResultSet rows = statement.answer().rows();
    if (rows == null || !mayKeepAnswer()) {
      return;
    }
    if (nextval == null) {
      retaining(unit).query(writes.get(0), rows.driver);
    } else {
      retaining(unit).values(nextval, writes.get(0).rows().get(0), rows.driver);
    }
  }

  private Retaining retaining(Unit unit) {
    return new Retaining(coordinator, connection.sessions().sequenceTexts(), naming(), unit);
  }

  /** Records one of its writes as it was run, and with what it has answered. */
  private void retainWrite(Unit unit, Write write, Operation operation) {
    if (write.verdict().veto() != null && SequenceTexts.asksSession(write.sql())) {
      retaining(unit).asksSession();
    }
    PlatformResultSet keptKeys = wantsKeys ? statement.keptKeys() : null;
    PlatformResultSet rows = keptKeys == null ? statement.answer().rows() : keptKeys;
    if (rows == null) {
      unit.record(operation);
    } else {
      retaining(unit).write(write, operation, rows.driver);
    }
  }

  private void recordWrites(Unit unit, @Nullable Object result) {
    if (veto(verdict) != null) {
      unit.undeferrable();
    }
    List<Long> counts = Counts.of(result, statement.answer().updateCount(), rowCount());
    int from = 0;
    for (Write write : writes) {
      List<Long> own = counts.subList(from, from + write.rows().size());
      from += own.size();
      own.forEach(count -> connection.sessions().promises().answered(write.sql(), count));
      Operation operation = write.operation(own);
      if (operation == null) {
        unit.opaque(write.unkept());
      } else if (retains()) {
        retainWrite(unit, write, operation);
      } else {
        unit.record(operation);
      }
    }
  }

  private @Nullable Object detached(Unit unit) throws SQLException {
    if (unit.lost() != null || (unit.poisoned() && verdict.kind() != Kind.ROLLBACK_TO)) {
      throw Refusals.aborted(unit.lost());
    }
    String refusal = refusal();
    if (refusal != null) {
      connection.failed(unit);
      throw refused(refusal);
    }
    if (nextval != null) {
      return drawn(unit, nextval);
    }
    switch (verdict.kind()) {
      case PLAIN_QUERY -> {
        return literals(unit, Objects.requireNonNull(verdict.literals()));
      }
      case SETTING, LOCAL_SETTING -> remember(unit);
      case SET_CONFIG, SET_CONFIG_LOCAL -> {
        return configured(unit);
      }
      case SAVEPOINT -> connection.savepoints().set(verdict.name(), unit, connection.settings());
      case RELEASE -> connection.savepoints().release(knownMark(unit));
      case ROLLBACK_TO ->
          connection.savepoints().rollback(knownMark(unit), unit, connection.settings());
      case INSERT, COUNTED -> {
        return promised(unit);
      }
      default -> {
        // An empty text.
      }
    }
    connection.done(unit);
    return counted(0);
  }

  /** What pools ask to see whether a connection is alive is answered with whether it takes work. */
  private Object literals(Unit unit, Literals row) throws SQLException {
    if (!coordinator.takesWork()) {
      connection.failed(unit);
      throw Refusals.nothingTaken(coordinator.store().name());
    }
    connection.done(unit);
    return answered(LocalRows.open(statement.proxy(), row));
  }

  private Object answered(ResultSet rows) {
    PlatformResultSet answered = statement.rowsOf(rows, null);
    statement.answer(new Answer(-1, answered, null, null));
    return method.getName().equals("execute") ? true : answered;
  }

  private boolean answersLiterals() {
    return verdict.literals() != null && returnsRows();
  }

  private boolean returnsRows() {
    return method.getName().equals("execute") || method.getName().equals("executeQuery");
  }

  /** The application has drawn values from the store: there should be some in an outage, too. */
  private void countValues() {
    if (nextval == null) {
      return;
    }
    List<Given> parameters = writes.get(0).rows().get(0);
    for (NextvalQuery.Item item : nextval.items()) {
      String sequence = NextvalQuery.sequence(item, parameters);
      if (sequence != null) {
        coordinator.leasing().used(sequence, naming(), nextval.rows(parameters));
      }
    }
  }

  /** Values of what is leased. They are the application's own, so nothing speaks of a read (R6). */
  private Object drawn(Unit unit, NextvalQuery query) throws SQLException {
    refuseWhereReadOnly(unit);
    refuseMissingParameters(unit, writes.get(0));
    try {
      ResultSet rows = LocalRows.open(statement.proxy(), draw(query));
      connection.done(unit);
      return answered(rows);
    } catch (SQLException e) {
      connection.failed(unit);
      throw e;
    }
  }

  private List<Literals> draw(NextvalQuery query) throws SQLException {
    List<Given> parameters = writes.get(0).rows().get(0);
    int rows = query.rows(parameters);
    List<List<Literals.Column>> columns = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      columns.add(new ArrayList<>());
    }
    for (NextvalQuery.Item item : query.items()) {
      String sequence = NextvalQuery.sequence(item, parameters);
      if (sequence == null || rows == 0) {
        throw refused("which sequence is meant, or how many values, is not known");
      }
      long[] values = coordinator.leasing().draw(sequence, naming(), rows);
      for (int row = 0; row < rows; row++) {
        columns.get(row).add(new Literals.Column(item.label(), values[row]));
      }
    }
    return columns.stream().map(Literals::new).toList();
  }

  /** How tenants are set (D7): it answers the value that it was given. */
  private Object configured(Unit unit) throws SQLException {
    refuseMissingParameters(unit, writes.get(0));
    remember(unit);
    Literals.Column answer = new Literals.Column("set_config", configuration());
    return literals(unit, new Literals(List.of(answer)));
  }

  /** What {@code set_config} is given, null for none. */
  private @Nullable String configuration() {
    List<Given> row = writes.get(0).rows().get(0);
    Parameter kept = row.isEmpty() ? null : row.get(0).kept();
    Object given = kept == null ? verdict.value() : kept.value();
    return given == null ? null : given.toString();
  }

  /** Settings of the server's own may be answered in another form than they were given in. */
  private @Nullable String refusalOfConfiguration() {
    if (!returnsRows()) {
      return "set_config answers a row";
    }
    boolean asGiven = verdict.name().contains(".") || GIVEN_BACK.contains(verdict.name());
    boolean isGiven = configuration() != null || writes.get(0).missingParameter() > 0;
    return asGiven && isGiven
        ? null
        : "what set_config answers only the store knows; SET answers nothing";
  }

  private Mark knownMark(Unit unit) throws SQLException {
    Mark mark = connection.savepoints().find(verdict.name());
    if (mark == null) {
      connection.failed(unit);
      throw new SQLException("there is no savepoint " + verdict.name(), "3B001");
    }
    return mark;
  }

  private @Nullable Object promised(Unit unit) throws SQLException {
    refuseWhereReadOnly(unit);
    long[] counts = new long[rowCount()];
    int row = 0;
    for (Write write : writes) {
      refuseMissingParameters(unit, write);
      long count = promise(write);
      long kept = count == Statement.SUCCESS_NO_INFO ? Operation.ANY : count;
      Operation operation = write.operation(Counts.same(write.rows().size(), kept));
      if (operation == null) {
        connection.failed(unit);
        throw refused(write.unkept(coordinator.spool().whyNothing()));
      }
      refuseTooMuch(unit, operation);
      if (keys == null) {
        unit.record(operation);
      } else {
        unit.record(keyed(unit, keys, operation), operation);
      }
      for (int i = 0; i < write.rows().size(); i++) {
        counts[row++] = count;
      }
    }
    connection.done(unit);
    if (promisedRows != null && !wantsKeys) {
      return answered(promisedRows);
    }
    Object answer = counted(counts);
    if (promisedRows != null) {
      statement.keepPromised(promisedRows);
    }
    return answer;
  }

  /** What the store would never take as one transaction is said now, not by a dead letter. */
  private void refuseTooMuch(Unit unit, Operation next) throws SQLException {
    StatementReader reader = connection.sessions().reader();
    if (reader == null) {
      return;
    }
    List<Operation> all = new ArrayList<>(unit.operations());
    all.add(next);
    String why = reader.refusal(all);
    if (why != null) {
      connection.failed(unit);
      throw new SQLException(why, "54000");
    }
  }

  /** The operation with the keys in it that the application is told. */
  private Operation keyed(Unit unit, PromisedKeys promised, Operation operation)
      throws SQLException {
    try {
      PromisedKeys.Promise promise = promised.promise(operation);
      promisedRows = LocalRows.open(statement.proxy(), promise.rows());
      return promise.operation();
    } catch (SQLException e) {
      connection.failed(unit);
      throw e;
    }
  }

  private long promise(Write write) {
    if (write.verdict().kind() == Kind.INSERT) {
      return write.verdict().rows();
    }
    return connection.updateCounts() == UpdateCounts.UNVERIFIED ? Statement.SUCCESS_NO_INFO : 1;
  }

  private void refuseWhereReadOnly(Unit unit) throws SQLException {
    if (connection.isReadOnly(unit)) {
      connection.failed(unit);
      throw Refusals.readOnly();
    }
  }

  private void refuseMissingParameters(Unit unit, Write write) throws SQLException {
    int missing = write.missingParameter();
    if (missing > 0 || write.hasTooManyParameters()) {
      connection.failed(unit);
      throw new SQLException(
          missing > 0
              ? "no value is given for parameter " + missing
              : "more parameters were set than the statement has",
          "22023");
    }
  }

  /** Why it can't be deferred; null if it can. */
  private @Nullable String refusal() {
    if (answersLiterals()) {
      return null;
    }
    if (!connection.deferrable()) {
      return "the transaction may not be deferred";
    }
    if (nextval != null) {
      return returnsRows() ? null : "it answers rows";
    }
    if (keys != null) {
      return keysRefusal(keys);
    }
    String veto = veto(verdict);
    if (veto != null) {
      return veto;
    }
    if (verdict.kind() == Kind.PLAIN_QUERY || verdict.kind() == Kind.OTHER) {
      return "a query needs the store";
    }
    if (verdict.kind() == Kind.SET_CONFIG || verdict.kind() == Kind.SET_CONFIG_LOCAL) {
      return refusalOfConfiguration();
    }
    if (verdict.kind() == Kind.BEGIN && verdict.value() != null) {
      return "BEGIN with options can't be recorded";
    }
    if (wantsKeys) {
      return "generated keys can be promised of INSERT ... VALUES with a list of columns, named or all, and without ON CONFLICT";
    }
    if (method.getName().equals("executeQuery")) {
      return "it returns no rows that could be promised";
    }
    for (Write write : writes) {
      String why = countRefusal(write);
      if (why != null) {
        return why;
      }
    }
    return null;
  }

  private @Nullable String keysRefusal(PromisedKeys asked) {
    boolean fits = wantsKeys ? !method.getName().equals("executeQuery") : returnsRows();
    if (!fits) {
      return "it answers something else than was asked for";
    }
    String veto = veto(connection.sessions().scanner().scan(asked.silentText()));
    return veto == null ? asked.refusal() : veto;
  }

  /** What speaks against running it later, in an outage. */
  private @Nullable String veto(SqlVerdict on) {
    boolean mayRunLater =
        on.later() && coordinator.settings().volatileFunctions() == VolatileFunctions.APPLY_TIME;
    return mayRunLater ? null : on.veto();
  }

  private @Nullable String countRefusal(Write write) {
    if (write.verdict().kind() != Kind.COUNTED) {
      return null;
    }
    return switch (connection.updateCounts()) {
      case REFUSE -> "its update count needs the store (rananeeti.update-counts=REFUSE)";
      case UNVERIFIED -> null;
      case PROMISE_ONE ->
          connection.sessions().promises().mayPromiseOne(write.sql())
              ? null
              : "it has answered another update count than 1 before, so 1 can't be promised";
    };
  }

  /** Notes what of it could not have gone on in an outage: by what would have refused it then. */
  private void audit(Unit unit, int hindrancesBefore) {
    Auditing auditing = connection.auditing();
    if (auditing == null) {
      return;
    }
    auditing.ran();
    String refusal = outageRefusal();
    if (refusal != null) {
      auditing.note(kindOf(refusal), texts(), refusal, connection.autoCommits());
    }
    if (unit.hindrances() > hindrancesBefore && !isPlainAlone()) {
      auditing.note(
          OutageAudit.Kind.NOT_REPLAYABLE, texts(), unit.lastHindrance(), connection.autoCommits());
    }
  }

  /** As {@link #refusal()} and {@link #promised} have it. */
  private @Nullable String outageRefusal() {
    String refusal = keys != null && keys.isUnknownYet() ? null : refusal();
    if (refusal != null) {
      return refusal;
    }
    boolean spools = coordinator.spool().takes();
    return writes.stream()
        .filter(Write::isWrite)
        .map(write -> write.unkeptInOutage(spools))
        .filter(why -> !why.isEmpty())
        .findFirst()
        .orElse(null);
  }

  private OutageAudit.Kind kindOf(String refusal) {
    if (!connection.deferrable()) {
      return OutageAudit.Kind.NOT_DEFERRED;
    }
    return writes.stream().anyMatch(write -> refusal.equals(countRefusal(write)))
        ? OutageAudit.Kind.PROMISE_BREAKS
        : OutageAudit.Kind.DETACHED_REFUSED;
  }

  private String texts() {
    String first = writes.get(0).sql();
    return writes.size() == 1 ? first : first + " and more in a batch";
  }

  /** Not in a transaction, and nothing that anybody could settle (C7). */
  private @Nullable Object outside() throws Throwable {
    Unit unit = connection.begin(Objects.requireNonNullElse(refusal(), NEEDS_ANSWER));
    try {
      Connection physical = Objects.requireNonNull(unit.physical());
      isOutside = true;
      physical.setAutoCommit(true);
      if (verdict.leavesState() || verdict.several()) {
        Objects.requireNonNull(connection.binding()).soil();
      }
      Object result = onDriver(physical);
      if (verdict.kind() == Kind.DISCARD) {
        connection.settings().discard();
      }
      audit(unit, unit.hindrances());
      connection.doneOutside(unit);
      return result;
    } catch (SQLException e) {
      answeredOrBroken(unit, e);
      coordinator.evict(unit);
      connection.failed(unit);
      throw e;
    } catch (RuntimeException | Error e) {
      coordinator.evict(unit);
      connection.failed(unit);
      throw e;
    }
  }

  /** Begins or ends transactions among other things: what is open then can't be recorded. */
  private @Nullable Object controlling() throws Throwable {
    boolean alone = connection.autoCommits();
    Unit unit = connection.begin(Objects.requireNonNullElse(refusal(), NEEDS_ANSWER));
    int hindrances = unit.hindrances();
    Connection physical = unit.physical();
    if (physical == null) {
      return detached(unit);
    }
    unit.opaque("it holds BEGIN or COMMIT among other statements");
    if (alone) {
      physical.setAutoCommit(true);
    }
    if (verdict.leavesState()) {
      Objects.requireNonNull(connection.binding()).soil();
    }
    try {
      Object result = onDriver(physical);
      audit(unit, hindrances);
      connection.controlled(unit, false);
      return result;
    } catch (SQLException e) {
      if (coordinator.unreachable(e)) {
        answeredOrBroken(unit, e);
        connection.broken(unit, false, coordinator.budget(), e);
      }
      connection.controlled(unit, true);
      throw e;
    } catch (RuntimeException | Error e) {
      coordinator.evict(unit);
      connection.failed(unit);
      throw e;
    }
  }

  private boolean isSetting() {
    return switch (verdict.kind()) {
      case SETTING, LOCAL_SETTING, SET_CONFIG, SET_CONFIG_LOCAL -> true;
      default -> false;
    };
  }

  /** All settings are entered before the writes when these are run again, or applied. */
  private void remember(Unit unit) throws SQLException {
    String value = verdict.value();
    List<Given> row = writes.get(0).rows().get(0);
    boolean config = verdict.kind() == Kind.SET_CONFIG || verdict.kind() == Kind.SET_CONFIG_LOCAL;
    if (config && value == null && !row.isEmpty()) {
      Parameter kept = row.get(0).kept();
      if (kept == null) {
        Objects.requireNonNull(connection.binding()).pin();
        unit.opaque(row.get(0).unkept());
        return;
      }
      value = kept.value() == null ? null : String.valueOf(kept.value());
    }
    boolean ofSession = verdict.kind() == Kind.SETTING || verdict.kind() == Kind.SET_CONFIG;
    refuseChangeBetweenWrites(unit, value, ofSession);
    if (value == null && ConnectionHandler.READ_ONLY_SETTINGS.contains(verdict.name())) {
      unit.makeReadOnly(false);
    }
    if (ofSession) {
      connection.settings().set(verdict.name(), value);
    } else if (value != null) {
      rememberHere(unit, value);
    } else {
      unit.localSettings().remove(verdict.name());
    }
  }

  /** One context belongs to all writes of a transaction: whose tenant would the first ones be? */
  private void refuseChangeBetweenWrites(Unit unit, @Nullable String value, boolean ofSession)
      throws SQLException {
    String name = verdict.name();
    String ofSessionNow = connection.settings().values().get(name);
    String now = unit.localSettings().getOrDefault(name, ofSessionNow);
    boolean changes =
        unit.length() > 0
            && !Objects.equals(now, value)
            && !ConnectionHandler.READ_ONLY_SETTINGS.contains(name);
    boolean hides = !ofSession && value == null && ofSessionNow != null;
    boolean hidden = ofSession && unit.localSettings().containsKey(name);
    if (!changes && !hides && !hidden) {
      return;
    }
    if (unit.physical() == null) {
      connection.failed(unit);
      throw refused("a setting was changed between its writes: " + name);
    }
    unit.opaque("a setting was changed between its writes: " + name);
  }

  /** All settings are entered before the writes when these are run again: read-only can't be. */
  private void rememberHere(Unit unit, String value) {
    boolean late = false;
    if (ConnectionHandler.READ_ONLY_SETTINGS.contains(verdict.name())) {
      unit.makeReadOnly(ConnectionHandler.saysReadOnly(Map.of(verdict.name(), value)));
      late = unit.isReadOnlyLate();
    }
    if (!late) {
      unit.localSettings().put(verdict.name(), value);
    } else if (unit.physical() != null) {
      unit.opaque("the transaction became read-only after it had written");
    }
  }

  private SQLException refused(String why) {
    return coordinator.detached(why);
  }

  private boolean isBatch() {
    return method.getName().endsWith("Batch");
  }

  private int rowCount() {
    int rows = 0;
    for (Write write : writes) {
      rows += write.rows().size();
    }
    return rows;
  }

  private Object counted(long... counts) {
    long first = counts.length == 0 ? 0 : counts[0];
    statement.answer(Answer.counted(first));
    return switch (method.getName()) {
      case "execute" -> false;
      case "executeLargeUpdate" -> first;
      case "executeBatch" -> Counts.narrow(counts);
      case "executeLargeBatch" -> counts;
      default -> (int) first;
    };
  }
}
