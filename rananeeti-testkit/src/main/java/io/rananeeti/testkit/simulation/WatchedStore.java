package io.rananeeti.testkit.simulation;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Answered;
import io.rananeeti.store.Context;
import io.rananeeti.store.Coverage;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.ParameterCodec;
import io.rananeeti.store.PartOrder;
import io.rananeeti.store.Sequences;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.TailCheck;
import io.rananeeti.store.Writer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/** A store that counts which ways recovery takes. Thread-safe as the one behind it. */
final class WatchedStore implements Store {

  private final Store store;
  private final Counters counters;
  private final Runnable commits;
  private final Consumer<String> reaches;
  private final Consumer<StoreHost> opened;
  private final ObjLongConsumer<Writer> raised;
  private @Nullable UUID incarnation;

  WatchedStore(
      Store store,
      Counters counters,
      Runnable commits,
      Consumer<String> reaches,
      Consumer<StoreHost> opened,
      ObjLongConsumer<Writer> raised) {
    this.store = store;
    this.counters = counters;
    this.commits = commits;
    this.reaches = reaches;
    this.opened = opened;
    this.raised = raised;
  }

  @Override
  public String name() {
    return store.name();
  }

  @Override
  public PartOrder partOrder() {
    return store.partOrder();
  }

  @Override
  public @Nullable String refusalOfPart(List<Operation> part) {
    return store.refusalOfPart(part);
  }

  @Override
  public void open(StoreHost host) {
    incarnation = host.incarnation();
    opened.accept(host);
    store.open(new WatchedHost(host, counters));
  }

  @Override
  public Writer probe(Duration timeout) throws StoreException {
    reaches.accept("probe");
    return store.probe(timeout);
  }

  @Override
  public void register(Set<UUID> known, boolean adopt) throws StoreException {
    reaches.accept("register");
    store.register(known, adopt);
  }

  @Override
  public Connection connect(Duration timeout) throws SQLException {
    return store.connect(timeout);
  }

  @Override
  public void enter(Connection connection, Map<String, String> settings) throws SQLException {
    store.enter(connection, settings);
  }

  @Override
  public Context complete(Context made) {
    return store.complete(made);
  }

  @Override
  public boolean restore(Connection connection, Set<String> names) throws SQLException {
    return store.restore(connection, names);
  }

  @Override
  public void execute(Connection connection, List<Operation> operations) throws StoreException {
    counters.count(Branch.RUN_AGAIN);
    store.execute(connection, operations);
  }

  @Override
  public ParameterCodec parameterCodec() {
    return store.parameterCodec();
  }

  @Override
  public Answered answered(ResultSet answer, int mostRows, int mostBytes) throws SQLException {
    return store.answered(answer, mostRows, mostBytes);
  }

  @Override
  public Sequences sequences() {
    reaches.accept("sequences");
    return store.sequences();
  }

  @Override
  public void evict(Connection connection) {
    store.evict(connection);
  }

  @Override
  public boolean commit(
      Connection connection, TransactionId id, boolean unproven, @Nullable Intent intent)
      throws SQLException {
    if (unproven) {
      commits.run();
      reaches.accept("COMMIT");
    }
    return store.commit(connection, id, unproven, intent);
  }

  @Override
  public boolean intentTaken(SQLException failure) {
    boolean taken = store.intentTaken(failure);
    if (taken) {
      counters.count(Branch.INTENT_TAKEN);
    }
    return taken;
  }

  @Override
  public boolean settledOtherwise(SQLException failure) {
    return store.settledOtherwise(failure);
  }

  @Override
  public LedgerTransaction begin(Isolation isolation) throws StoreException {
    reaches.accept("ledger");
    return new WatchedLedger(store.begin(isolation), counters);
  }

  @Override
  public boolean canRetain() {
    return store.canRetain();
  }

  @Override
  public TailCheck inspect() throws StoreException {
    reaches.accept("inspect");
    return new WatchedTailCheck(store.inspect(), raised);
  }

  @Override
  public Coverage coverage() throws StoreException {
    reaches.accept("coverage");
    return store.coverage();
  }

  @Override
  public Failure classify(SQLException failure) {
    return store.classify(failure);
  }

  @Override
  public void sever() {
    counters.count(Branch.SEVERED);
    store.sever();
  }

  @Override
  public void expireIntents(Set<String> living) throws StoreException {
    reaches.accept("expireIntents");
    store.expireIntents(living);
  }

  @Override
  public void prune(UUID pruned, long settledBelow, Set<Long> kept) throws StoreException {
    reaches.accept("prune");
    store.prune(pruned, settledBelow, kept);
    counters.count(pruned.equals(incarnation) ? Branch.PRUNED : Branch.PRUNED_OLDER);
  }

  @Override
  public List<String> warnings() {
    return store.warnings();
  }

  @Override
  public void close() {
    store.close();
  }
}
