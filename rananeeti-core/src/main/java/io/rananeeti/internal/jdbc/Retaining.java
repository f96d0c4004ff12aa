package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Coordinator;
import io.rananeeti.internal.Leasing;
import io.rananeeti.internal.Unit;
import io.rananeeti.internal.jdbc.SqlScanner.Effects;
import io.rananeeti.store.Answered;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * Records of an attached statement what it has answered, where the platform retains: so that it can
 * be applied with the same answers to a store that lacks it, or is refused there (R4). Used once.
 */
final class Retaining {

  /** Keys are few and small; what is more than that is no key. */
  private static final int MOST_ROWS = 1_000;

  private static final int MOST_BYTES = 1 << 20;

  private final Coordinator coordinator;
  private final SequenceTexts texts;
  private final Map<String, String> naming;
  private final Unit unit;

  Retaining(Coordinator coordinator, SequenceTexts texts, Map<String, String> naming, Unit unit) {
    this.coordinator = coordinator;
    this.texts = texts;
    this.naming = naming;
    this.unit = unit;
  }

  private Leasing leasing() {
    return coordinator.leasing();
  }

  /** The statement has succeeded: that its answer can't be read is no failure of it. */
  private Answered read(ResultSet answer, int mostRows) {
    Answered answered;
    try {
      answered = coordinator.store().answered(answer, mostRows, MOST_BYTES);
    } catch (SQLException e) {
      answered = Answered.unkept("what it answered can't be read, SQLSTATE " + e.getSQLState());
    }
    String trouble = answered.trouble();
    if (trouble != null) {
      unit.unretainable(trouble);
    }
    return answered;
  }

  /** A write that has answered rows. */
  void write(Write write, Operation operation, ResultSet answer) {
    Answered answered = read(answer, MOST_ROWS);
    if (answered.columns().isEmpty()) {
      unit.record(operation);
      return;
    }
    boolean listsRows = write.verdict().kind() == SqlVerdict.Kind.INSERT;
    InsertText insert = listsRows ? texts.insert(write.sql()) : null;
    new AnsweredWrite(leasing(), naming, operation, insert, answered).record(unit);
  }

  /** A write that asks what the session has drawn, which another session may not have. */
  void asksSession() {
    if (unit.length() == 0 || !unit.seen().isEmpty()) {
      unit.unretainable("it writes what the session has drawn from a sequence before");
    }
  }

  /** A query that may have effects, or asks for those of what was run before. */
  void query(Write write, ResultSet answer) {
    boolean asks = texts.effects(write.sql()) == Effects.ASKS_SESSION;
    if (asks && unit.length() == 0) {
      return;
    }
    Operation operation = write.operation(Counts.same(write.rows().size(), Operation.ANY));
    if (operation == null) {
      unit.unretainable(write.unkept());
      return;
    }
    Answered answered = read(answer, MOST_ROWS);
    if (answered.trouble() == null) {
      unit.recordQuery(operation.answering(answered.rows()));
      new AnsweredWrite(leasing(), naming, operation, null, answered).seeUnlisted(unit);
    }
  }

  /** A query for values of sequences. Nothing of it has to be applied. */
  void values(NextvalQuery query, List<Given> parameters, ResultSet answer) {
    Answered answered = read(answer, NextvalQuery.MOST_ROWS);
    if (answered.rows().isEmpty()) {
      return;
    }
    List<Parameter> last = answered.rows().get(answered.rows().size() - 1);
    for (int i = 0; i < query.items().size(); i++) {
      String sequence = NextvalQuery.sequence(query.items().get(i), parameters);
      if (sequence == null) {
        unit.unretainable("which sequence was asked for a value is not known");
      } else if (last.get(i).value() instanceof Long value) {
        String name = leasing().seenName(sequence, naming);
        unit.saw(name, value);
        leasing().saw(name, value);
      }
    }
  }
}
