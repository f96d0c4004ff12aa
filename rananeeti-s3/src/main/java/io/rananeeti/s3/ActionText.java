package io.rananeeti.s3;

import io.rananeeti.s3.Action.Attributes;
import io.rananeeti.s3.Action.Body;
import io.rananeeti.s3.Action.Copy;
import io.rananeeti.s3.Action.Delete;
import io.rananeeti.s3.Action.Put;
import io.rananeeti.store.Content;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Actions as the platform keeps operations: a text, and all that is the application's in
 * parameters.
 *
 * <table>
 * <caption>The texts, and their parameters</caption>
 * <tr><td>{@code PUT OBJECT (?, ?, ?)}<td>key, {@link Fields}, content: bytes or a {@link Content}
 * <tr><td>{@code DELETE OBJECT (?, ?)}<td>key, {@link Fields}
 * <tr><td>{@code COPY OBJECT (?, ?)}<td>key of the copy, {@link Fields}
 * </table>
 *
 * <p>Stateless.
 */
final class ActionText {

  static final String PUT = "PUT OBJECT (?, ?, ?)";
  static final String DELETE = "DELETE OBJECT (?, ?)";
  static final String COPY = "COPY OBJECT (?, ?)";

  private static final Map<String, Integer> PARAMETERS = Map.of(PUT, 3, DELETE, 2, COPY, 2);

  private static final String ADDRESSED = "addressed";
  private static final String MATCH = "if-match";
  private static final String SOURCE = "source";
  private static final String SOURCE_MATCH = "source-if-match";
  private static final String TYPE = "content-type";
  private static final String CLASS = "storage-class";
  private static final String METADATA = "metadata-";

  private ActionText() {}

  /** How many parameters a text has; null if it is none of these. */
  static @Nullable Integer parameters(String text) {
    return PARAMETERS.get(text.strip());
  }

  static Operation operation(Action action) {
    if (action instanceof Put put) {
      byte[] inline = put.body().inline();
      Fields fields =
          new Fields()
              .add(ADDRESSED, put.addressed() ? put.body().sha256() : null)
              .add(MATCH, put.match());
      Object content = inline == null ? put.body().content() : inline;
      return operation(
          PUT, put.key(), with(fields, put.attributes()), Parameter.of(Kind.BYTES, content));
    }
    if (action instanceof Copy copy) {
      Fields fields = new Fields().add(SOURCE, copy.source()).add(SOURCE_MATCH, copy.sourceMatch());
      return operation(COPY, copy.key(), with(fields, copy.attributes()), null);
    }
    Delete delete = (Delete) action;
    return operation(DELETE, delete.key(), new Fields().add(MATCH, delete.match()), null);
  }

  private static Operation operation(
      String text, String key, Fields fields, @Nullable Parameter content) {
    List<Parameter> row = new ArrayList<>();
    row.add(Parameter.of(Kind.STRING, key));
    row.add(Parameter.of(Kind.STRING, fields.toString()));
    if (content != null) {
      row.add(content);
    }
    return new Operation(text, true, List.of(row), List.of(1L));
  }

  private static Fields with(Fields fields, Attributes attributes) {
    fields.add(TYPE, attributes.contentType()).add(CLASS, attributes.storageClass());
    attributes.metadata().forEach((name, value) -> fields.add(METADATA + name, value));
    return fields;
  }

  /** The actions of what was recorded. */
  static List<Action> actions(List<Operation> operations) throws SQLException {
    List<Action> actions = new ArrayList<>();
    for (Operation operation : operations) {
      for (List<Parameter> row : operation.rows()) {
        List<@Nullable Object> values = new ArrayList<>();
        row.forEach(parameter -> values.add(parameter.value()));
        actions.add(action(operation.sql(), values));
      }
    }
    return actions;
  }

  /**
   * The action of one text with its parameters.
   *
   * @throws SQLException 42601 or 22023 if it is none
   */
  static Action action(String text, List<? extends @Nullable Object> values) throws SQLException {
    Integer expected = parameters(text);
    if (expected == null) {
      throw new SQLSyntaxErrorException(S3Texts.UNKNOWN, "42601");
    }
    if (values.size() != expected
        || !(values.get(0) instanceof String key)
        || !(values.get(1) instanceof String line)) {
      throw new SQLException("not the parameters of " + text, "22023");
    }
    try {
      Fields fields = Fields.of(line);
      return switch (text.strip()) {
        case PUT -> put(key, fields, values.get(2));
        case COPY ->
            new Copy(fields.require(SOURCE), fields.require(SOURCE_MATCH), key, attributes(fields));
        default -> new Delete(key, fields.require(MATCH));
      };
    } catch (IllegalArgumentException e) {
      throw new SQLException(
          "not the parameters of %s: %s".formatted(text, e.getMessage()), "22023");
    }
  }

  private static Put put(String key, Fields fields, @Nullable Object content) {
    Body body;
    if (content instanceof byte[] bytes) {
      body = Body.of(bytes);
    } else if (content instanceof Content spooled) {
      body = Body.of(spooled);
    } else {
      throw new IllegalArgumentException("no content");
    }
    String named = fields.get(ADDRESSED);
    if (named != null && !(named.equals(body.sha256()) && key.endsWith(named))) {
      throw new IllegalArgumentException("the content is not what its key names");
    }
    return new Put(key, body, attributes(fields), named != null, fields.get(MATCH));
  }

  private static Attributes attributes(Fields fields) {
    Map<String, String> metadata = new LinkedHashMap<>();
    fields
        .all()
        .forEach(
            field -> {
              if (field.getKey().startsWith(METADATA)) {
                metadata.put(field.getKey().substring(METADATA.length()), field.getValue());
              }
            });
    return new Attributes(fields.get(TYPE), fields.require(CLASS), metadata);
  }
}
