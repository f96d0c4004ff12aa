package io.rananeeti.s3;

import io.rananeeti.store.Operation;
import io.rananeeti.store.StatementReader;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the texts of this store are. Stateless, thread-safe. */
final class S3Texts implements StatementReader {

  static final S3Texts INSTANCE = new S3Texts();

  static final String UNKNOWN =
      "S3 has no statements: enlist PutObject, DeleteObject or CopyObject, and read by reads()";

  private S3Texts() {}

  @Override
  public Reading read(String text) {
    Integer parameters = ActionText.parameters(text);
    return parameters == null
        ? new Reading(Kind.REFUSED, 0, UNKNOWN)
        : new Reading(Kind.INSERT, parameters, null);
  }

  @Override
  public @Nullable String refusal(List<Operation> recorded) {
    try {
      return refusalOf(ActionText.actions(recorded));
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Why these can't be its part of a unit of work with other stores; null if they can. */
  @Nullable String refusalBeside(List<Operation> recorded) {
    try {
      boolean addressed = ActionText.actions(recorded).stream().allMatch(Action::isAddressed);
      return addressed
          ? null
          : "in a unit of work with other stores S3 takes objects only whose keys name their content: PutObject.addressed(...)";
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Why these can't be one transaction; null if they can. */
  static @Nullable String refusalOf(List<Action> actions) {
    if (actions.size() > 1 && !actions.stream().allMatch(Action::isAddressed)) {
      return "S3 has no transactions over several objects: one is either any number of PutObject.addressed(...), or a single other operation";
    }
    return null;
  }
}
