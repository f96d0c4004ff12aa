package io.rananeeti.internal;

import io.rananeeti.store.Operation;
import io.rananeeti.store.Part;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A transaction while it is being made: its physical connection, if it has one, and the recording
 * of what the application did. Owned by the connection's thread.
 */
public final class Unit {

  private static final String HAS_READ = "the application has read data in this transaction";

  private final List<Operation> operations = new ArrayList<>();
  private @Nullable Connection physical;
  private long epoch;
  private boolean read;
  private boolean unproven;
  private boolean effects;
  private boolean undeferrable;
  private @Nullable String opaque;
  private int hindrances;
  private String lastHindrance = "";
  private Access access = Access.AS_CONNECTED;
  private boolean dirty;
  private boolean poisoned;
  private @Nullable SQLException lost;
  private final List<Operation> asked = new ArrayList<>();
  private @Nullable IdentityHashMap<Operation, Operation> withoutKeys;
  private @Nullable String untold;
  private @Nullable List<Operation> retained;
  private @Nullable Map<String, Long> seen;
  private @Nullable String unretainable;
  private final Map<String, String> localSettings = new LinkedHashMap<>();
  private final List<ForOther> forOthers = new ArrayList<>();

  private record ForOther(String store, Operation operation) {}

  /** Bound to a physical connection in this epoch. */
  public void attach(Connection connection, long inEpoch) {
    physical = connection;
    epoch = inEpoch;
  }

  /** No longer bound; the caller has dealt with the connection. */
  public void detach() {
    physical = null;
  }

  /** The physical connection; null while detached. */
  public @Nullable Connection physical() {
    return physical;
  }

  /** The epoch in which it was bound. */
  public long epoch() {
    return epoch;
  }

  /** A statement was run, or promised. */
  public void record(Operation operation) {
    operations.add(operation);
    unproven = true;
    if (retained != null) {
      retained.add(operation);
    }
  }

  /**
   * A statement was run, and the application was answered values that the store chose.
   *
   * @param repeated what gives the same values when it is applied to a store that lacks it, or is
   *     refused there
   */
  public void recordAnswered(Operation operation, Operation repeated) {
    List<Operation> kept = retaining();
    operations.add(operation);
    unproven = true;
    kept.add(repeated);
  }

  /** A query was run that may have had effects, by functions that it calls or writes in it. */
  public void recordQuery(Operation repeated) {
    retaining().add(repeated);
  }

  /** Most transactions are retained as they were recorded; a list of their own costs nothing. */
  private List<Operation> retaining() {
    List<Operation> kept = retained;
    if (kept == null) {
      kept = new ArrayList<>(operations);
      retained = kept;
    }
    return kept;
  }

  /**
   * What is to be applied to a store that lacks the transaction, in order: what was recorded, with
   * the values in it that the application has seen.
   */
  public List<Operation> retained() {
    return retained == null ? operations : retained;
  }

  /**
   * The application has seen a value of a sequence.
   *
   * @param sequence its name in full, or what stands for it until that is known ({@link SeenName})
   */
  public void saw(String sequence, long value) {
    Map<String, Long> known = seen;
    if (known == null) {
      known = new LinkedHashMap<>();
      seen = known;
    }
    known.put(sequence, value);
  }

  /**
   * The furthest value seen of each sequence, which is the one seen last: a session gets the values
   * of a sequence in their order. Rollbacks take nothing back of it, as they take nothing back of a
   * sequence.
   */
  public Map<String, Long> seen() {
    return seen == null ? Map.of() : seen;
  }

  /** Something ran that can't be applied again with the same answers, and why. */
  public void unretainable(String why) {
    unretainable = why;
  }

  /** Why it can't be applied to a store that lacks it; null if it can. */
  public @Nullable String whyNotRetainable() {
    return opaque == null ? unretainable : opaque;
  }

  /**
   * An insert was promised with keys in it.
   *
   * @param without as the application made it
   */
  public void record(Operation keyed, Operation without) {
    IdentityHashMap<Operation, Operation> known = withoutKeys;
    if (known == null) {
      known = new IdentityHashMap<>();
      withoutKeys = known;
    }
    known.put(keyed, without);
    record(keyed);
  }

  /** The recorded operations, in order. */
  public List<Operation> operations() {
    return operations;
  }

  /** An operation for another store is part of it. */
  public void enlist(String store, Operation operation) {
    forOthers.add(new ForOther(store, operation));
    unproven = true;
  }

  /** Whether it has operations for other stores. */
  public boolean isAcrossStores() {
    return !forOthers.isEmpty();
  }

  /** How many those are; for {@link #cut}. */
  public int forOthersLength() {
    return forOthers.size();
  }

  /** What it has for one other store, in order. */
  public List<Operation> forOther(String store) {
    return forOthers.stream()
        .filter(each -> each.store().equals(store))
        .map(ForOther::operation)
        .toList();
  }

  /** What it has for other stores, each once, in the order in which they were enlisted. */
  List<Part> parts() {
    return forOthers.stream()
        .map(ForOther::store)
        .distinct()
        .map(store -> new Part(store, forOther(store), List.of()))
        .toList();
  }

  /** How long the recording is; for {@link #cut}. */
  public int length() {
    return operations.size();
  }

  /** How many operations would be retained; for {@link #cut}. */
  public int retainedLength() {
    return retained().size();
  }

  /**
   * Cuts the recording back to this length: a rollback to a savepoint.
   *
   * @param ofRetained to which length of what is retained
   * @param ofOthers to which length of what it has for other stores
   * @param then what the transaction had made of itself when the savepoint was set
   */
  public void cut(int length, int ofRetained, int ofOthers, Access then) {
    operations.subList(length, operations.size()).clear();
    forOthers.subList(ofOthers, forOthers.size()).clear();
    if (retained != null) {
      retained.subList(ofRetained, retained.size()).clear();
    }
    poisoned = false;
    access = then;
  }

  /** A statement failed: the transaction can only be rolled back, whole or to a savepoint. */
  public void poison() {
    poisoned = true;
  }

  /** Whether a statement failed. */
  public boolean poisoned() {
    return poisoned;
  }

  /**
   * Its physical connection broke and what it did can't be run again: no rollback to a savepoint
   * brings it back.
   */
  public void lose(SQLException failure) {
    lost = failure;
    poisoned = true;
  }

  /** Why it is lost; null if it is not. */
  public @Nullable SQLException lost() {
    return lost;
  }

  /** The physical connection's session was changed; it is not given back to others. */
  public void dirty() {
    dirty = true;
  }

  /** Whether the physical connection's session was changed. */
  public boolean isDirty() {
    return dirty;
  }

  /** Settings for this transaction only, by name. */
  public Map<String, String> localSettings() {
    return localSettings;
  }

  /**
   * The application has read something, by which it may have decided (R6).
   *
   * @param plain whether it was proven to be a plain query
   */
  public void read(boolean plain) {
    hinder(HAS_READ);
    read = true;
    unproven |= !plain;
  }

  /**
   * A query ran that may have had effects, by functions that it calls. It is not recorded, but part
   * of what an intent key stands for.
   */
  public void ask(Operation query) {
    asked.add(query);
  }

  /** Such a query ran with a parameter that can't be kept, and why it can't. */
  public void askUntold(String why) {
    untold = why;
  }

  /** All that may have had effects, in order: what was recorded, then what was asked. */
  List<Operation> content() {
    IdentityHashMap<Operation, Operation> without = withoutKeys;
    if (asked.isEmpty() && without == null && forOthers.isEmpty()) {
      return operations;
    }
    List<Operation> all = new ArrayList<>(operations);
    if (without != null) {
      all.replaceAll(operation -> without.getOrDefault(operation, operation));
    }
    all.addAll(asked);
    forOthers.forEach(each -> all.add(each.operation()));
    return all;
  }

  /** Why {@link #content} is not all of it; null if it is. */
  @Nullable String untold() {
    return opaque == null ? untold : opaque;
  }

  /** Something ran that can be neither recorded nor run again, and what it was. */
  public void opaque(String what) {
    hinder(what);
    opaque = what;
    unproven = true;
    effects = true;
  }

  /** A statement ran that would give something else if it were applied later. */
  public void undeferrable() {
    undeferrable = true;
  }

  /** Whether it may be run again at once only, and never wait in the log. */
  public boolean isUndeferrable() {
    return undeferrable;
  }

  /** Whether that may have written, whatever was said of the transaction. */
  public boolean mayHaveEffects() {
    return effects;
  }

  /** Its modes were set (SET TRANSACTION), which can't be recorded and has no effect by itself. */
  public void modes(String what) {
    hinder(what);
    opaque = what;
  }

  private void hinder(String what) {
    hindrances++;
    lastHindrance = what;
  }

  /** How often something was done that can't be run again behind the application's back. */
  public int hindrances() {
    return hindrances;
  }

  /** What that was the last time, in the words of {@link #whyNotReplayable()}. */
  public String lastHindrance() {
    return lastHindrance;
  }

  /**
   * It has made itself read-only, which covers all of it if nothing may have been written before;
   * or the opposite, which a transaction of a read-only connection may do as well.
   */
  public void makeReadOnly(boolean on) {
    if (on) {
      access = unproven ? Access.READ_ONLY_LATE : Access.READ_ONLY;
    } else {
      access = Access.READ_WRITE;
    }
  }

  /** What it has made of itself. */
  public Access access() {
    return access;
  }

  /** Whether it has said that it writes. */
  public boolean isReadWrite() {
    return access == Access.READ_WRITE;
  }

  /** Whether it has made itself read-only when it may have written something already. */
  public boolean isReadOnlyLate() {
    return access == Access.READ_ONLY_LATE;
  }

  /** Whether it has made itself read-only before it can have written anything. */
  public boolean isReadOnly() {
    return access == Access.READ_ONLY;
  }

  /** What a transaction says of its writes, whatever its connection says. */
  public enum Access {
    /** Nothing. */
    AS_CONNECTED,
    READ_ONLY,
    /** Read-only, after it may have written. */
    READ_ONLY_LATE,
    READ_WRITE
  }

  /** Whether something ran that can be neither recorded nor run again. */
  public boolean isOpaque() {
    return opaque != null;
  }

  /** Whether no statement of it has succeeded. */
  public boolean isUntouched() {
    return operations.isEmpty() && !read && !unproven && opaque == null && lost == null;
  }

  /** Whether the recording may be run again behind the application's back (R6). */
  public boolean replayable() {
    return !read && opaque == null && !poisoned && lost == null;
  }

  /** Why not. */
  public String whyNotReplayable() {
    if (opaque != null) {
      return opaque;
    }
    return poisoned ? "a statement of this transaction has failed" : HAS_READ;
  }

  /** Whether anything ran that was not proven to be a plain query (C2). */
  public boolean unproven() {
    return unproven;
  }
}
