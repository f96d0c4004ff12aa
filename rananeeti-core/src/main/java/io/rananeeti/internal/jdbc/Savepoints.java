package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Unit;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The savepoints of a transaction, the newest last; by call or by text, they are the same. */
final class Savepoints {

  /**
   * What a rollback to a savepoint goes back to.
   *
   * @param name as the database knows it
   * @param length of the recording
   * @param retained length of what is retained of it
   * @param forOthers length of what it has for other stores
   * @param access what the transaction had made of itself
   * @param physical the connection that knows the savepoint; null if it was set while detached
   */
  record Mark(
      String name,
      int length,
      int retained,
      int forOthers,
      Unit.Access access,
      @Nullable Connection physical,
      Map<String, String> settings,
      Map<String, String> localSettings) {

    boolean isKnownTo(@Nullable Connection connection) {
      return physical != null && physical == connection;
    }
  }

  private final List<Mark> marks = new ArrayList<>();

  void set(String name, Unit unit, SessionSettings settings) {
    marks.add(
        new Mark(
            name,
            unit.length(),
            unit.retainedLength(),
            unit.forOthersLength(),
            unit.access(),
            unit.physical(),
            settings.values(),
            new LinkedHashMap<>(unit.localSettings())));
  }

  /** The newest savepoint of that name, null if there is none. */
  @Nullable Mark find(String name) {
    for (int i = marks.size() - 1; i >= 0; i--) {
      if (marks.get(i).name().equals(name)) {
        return marks.get(i);
      }
    }
    return null;
  }

  /** Those set after it, the newest first. */
  List<Mark> newerThan(Mark mark) {
    List<Mark> newer = new ArrayList<>(marks.subList(marks.lastIndexOf(mark) + 1, marks.size()));
    Collections.reverse(newer);
    return newer;
  }

  /** Undoes what came after the mark; the savepoint itself stays. */
  void rollback(Mark to, Unit unit, SessionSettings settings) {
    unit.cut(to.length(), to.retained(), to.forOthers(), to.access());
    unit.localSettings().clear();
    unit.localSettings().putAll(to.localSettings());
    settings.restore(to.settings());
    marks.subList(marks.lastIndexOf(to) + 1, marks.size()).clear();
  }

  /** Forgets the savepoint and all that came after it. */
  void release(Mark mark) {
    marks.subList(marks.lastIndexOf(mark), marks.size()).clear();
  }

  boolean isEmpty() {
    return marks.isEmpty();
  }

  void clear() {
    marks.clear();
  }
}
