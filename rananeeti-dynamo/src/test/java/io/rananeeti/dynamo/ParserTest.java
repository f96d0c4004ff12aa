package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.StatementReader.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.Update;

class ParserTest {

  private static final TableKey KEY = new TableKey("pk", "sk");

  private static Action bind(String text, Object... parameters) throws Exception {
    List<AttributeValue> values = new ArrayList<>();
    for (Object parameter : parameters) {
      values.add(Values.of(parameter));
    }
    Parser.Parsed parsed = Parser.parse(text);
    assertThat(parsed.parameters()).isEqualTo(values.size());
    return ((Command.Write) parsed.command()).bind(values, KEY, true);
  }

  @Test
  void anUpdateIsSplitIntoKeyConditionAndExpression() throws Exception {
    Update update =
        bind(
                "UPDATE \"t\" SET a.b[1] = ?, c = c + 1 REMOVE d WHERE sk = ? AND e <> 'x' AND pk = ?",
                "new",
                7,
                "key")
            .request()
            .update();

    assertThat(update.key())
        .isEqualTo(Map.of("pk", AttributeValue.fromS("key"), "sk", AttributeValue.fromN("7")));
    assertThat(update.updateExpression())
        .isEqualTo("SET #n0.#n1[1] = :v0, #n2 = #n2 + :v1 REMOVE #n3");
    assertThat(update.conditionExpression()).isEqualTo("attribute_exists(#n4) AND #n5 <> :v2");
    assertThat(update.expressionAttributeNames())
        .containsEntry("#n0", "a")
        .containsEntry("#n4", "pk")
        .containsEntry("#n5", "e");
    assertThat(update.expressionAttributeValues())
        .containsEntry(":v0", AttributeValue.fromS("new"))
        .containsEntry(":v2", AttributeValue.fromS("x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"set_add", "set_delete"})
  void whatIsAddedToASetIsASet(String function) throws Exception {
    String text = "UPDATE t SET v = " + function + "(v, ?) WHERE pk = 'a' AND sk = 1";

    assertThatThrownBy(() -> bind(text, 1))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
    assertThat(bind(text, Set.of(1)).request().update().expressionAttributeValues())
        .containsValue(AttributeValue.fromNs(List.of("1")));
  }

  @Test
  void aSetThatDynamoDbDoesNotHaveIsRefused() {
    String text = "INSERT INTO t VALUE {'pk': 'a', 'sk': 1, 'v': [<<?, 'x'>>]}";

    assertThatThrownBy(() -> bind(text, 1))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
    assertThatThrownBy(() -> Parser.parse("INSERT INTO t VALUE {'v': <<>>}"))
        .hasMessageContaining("at least one element");
    assertThatThrownBy(() -> Parser.parse("INSERT INTO t VALUE {'v': 1, 'v': 2}"))
        .hasMessageContaining("each name once");
  }

  @Test
  void valuesOfSeveralLinesAreCutFromWhatDynamoDbSays() {
    assertThat(
            Failures.words(
                "One or more parameter values were invalid: Input collection [x, secret\none] contains duplicates."))
        .isEqualTo(
            "One or more parameter values were invalid: Input collection [...] contains duplicates.");
  }

  @Test
  void commentsAreNotShown() {
    assertThat(PartiqlLexer.masked("DELETE FROM t -- for Ann\nWHERE pk = 'a' -- and Bo"))
        .isEqualTo("DELETE FROM t WHERE pk = ?");
  }

  @Test
  void theSizeOfWhatIsRecordedIsInBytes() throws Exception {
    Parameter japanese = Parameter.of(Parameter.Kind.STRING, "\u6c34".repeat(1_500_000));
    Parameter bytes = DynamoTypes.parameter(Values.of(Map.of("b", new byte[3_200_000])));

    assertThat(StoreTexts.INSTANCE.refusal(List.of(recorded(japanese)))).isNotNull();
    assertThat(StoreTexts.INSTANCE.refusal(List.of(recorded(bytes)))).isNull();
  }

  private static Operation recorded(Parameter parameter) {
    return new Operation("INSERT INTO t VALUE ?", false, List.of(List.of(parameter)), List.of(1L));
  }

  @Test
  void anInsertFailsWhereTheItemIsThere() throws Exception {
    Put put = bind("INSERT INTO t VALUE {'pk': 'a', 'sk': -1, 'c': ?}", true).request().put();

    assertThat(put.conditionExpression()).isEqualTo("attribute_not_exists(#k)");
    assertThat(put.item()).containsEntry("c", AttributeValue.fromBool(true));
    assertThat(put.item()).containsEntry("sk", AttributeValue.fromN("-1"));
  }

  @Test
  void aWholeItemMayBeOneParameter() throws Exception {
    Put put = bind("INSERT INTO t VALUE ?", Map.of("pk", "a", "sk", 1)).request().put();

    assertThat(put.item()).hasSize(2);
    assertThatThrownBy(() -> bind("INSERT INTO t VALUE ?", "text"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("map");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE t SET a = 1 WHERE pk = 'x'",
        "UPDATE t SET a = 1 WHERE pk = 'x' AND sk > 1",
        "DELETE FROM t WHERE sk = 1",
        "DELETE FROM t WHERE (pk = 'x' AND sk = 1)"
      })
  void aWriteNeedsTheWholeKey(String text) {
    assertThatThrownBy(() -> bind(text))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42601"))
        .hasMessageContaining("pk and sk");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT * FROM t WHERE a = ? AND b = '?'|QUERY|1",
        "INSERT INTO t VALUE {'a': ?, 'b': [?, <<?>>]}|INSERT|3",
        "UPDATE t SET a = ? WHERE pk = ?|WRITE|2",
        "DELETE FROM t WHERE pk = ?;|WRITE|1",
        "PUT ITEM INTO \"t\" IF \"a > :x\" VALUES \":x\", \":y\"|INSERT|3",
        "CHECK ITEM IN \"t\" IF \"#a > :x\" NAMES \"#a\" = \"a\" VALUES \":x\"|INSERT|2",
        "SET a = 1|REFUSED|0",
        "SELECT 1; SELECT 2|REFUSED|0",
        "UPDATE t SET a = 1 WHERE pk = 1 RETURNING ALL OLD *|REFUSED|0",
        "UPDATE t SET a = 1 WHERE pk = 1 OR pk = 2|REFUSED|0",
        "DELETE FROM t WHERE pk = 'x|REFUSED|0",
        "UPDATE t SET a = `x` WHERE pk = 1|REFUSED|0",
        "INSERT INTO t|REFUSED|0",
        "DELETE|REFUSED|0"
      })
  void textsAreRead(String text, Kind kind, int parameters) {
    assertThat(StoreTexts.INSTANCE.read(text).kind()).isEqualTo(kind);
    assertThat(StoreTexts.INSTANCE.read(text).parameters()).isEqualTo(parameters);
  }

  @Test
  void theTextOfAnEnlistedOperationIsReadAgainAndHoldsNoValue() throws Exception {
    UpdateItem update =
        UpdateItem.in("menu", "a \"table\"", Map.of("pk", "secret", "sk", 1))
            .update("SET #p = :price")
            .onlyIf("#p < :price")
            .name("#p", "price")
            .value(":price", "secret");
    Operation operation = update.operation();

    assertThat(operation.sql())
        .isEqualTo(
            "UPDATE ITEM IN \"a \"\"table\"\"\" DO \"SET #p = :price\" IF \"#p < :price\" NAMES \"#p\" = \"price\" VALUES \":price\"");
    assertThat(update.toString() + operation).doesNotContain("secret");
    Action action =
        ((Command.Write) Parser.parse(operation.sql()).command())
            .bind(DynamoTypes.values(operation.rows().get(0)), KEY, true);
    assertThat(action.table()).isEqualTo("a \"table\"");
    assertThat(action.request().update().expressionAttributeNames())
        .isEqualTo(Map.of("#p", "price"));
    assertThat(action.toString() + action.item()).doesNotContain("secret");
  }

  @Test
  void placeholdersAreAllGivenAndAllUsed() {
    UpdateItem update =
        UpdateItem.in("menu", "t", Map.of("pk", "a")).update("SET #p = :price").name("#p", "p");
    assertThatThrownBy(update::operation)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(":price");
    assertThatThrownBy(update.value(":price", 1).value(":prices", 1)::operation)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(":prices");
    assertThat(update.value(":price", 1).operation().rows().get(0)).hasSize(2);
  }

  @Test
  void thePlaceIsNamedAndLiteralsAreNot() {
    assertThatThrownBy(() -> StoreTexts.parse("UPDATE t\nSET a = 'secret' 17 WHERE pk = 'secret'"))
        .hasMessage(
            "expected WHERE, at line 2, column 18, in: UPDATE t\nSET a = ? <HERE> ? WHERE pk = ?");
  }

  @Test
  void whatIsTooMuchForOneTransactionIsKnownWithoutDynamo() {
    Operation one = DeleteItem.from("menu", "t", Map.of("pk", "a")).operation();
    assertThat(StoreTexts.INSTANCE.refusal(Collections.nCopies(96, one))).isNull();
    assertThat(StoreTexts.INSTANCE.refusal(Collections.nCopies(97, one))).contains("97");
    Operation large =
        PutItem.into("menu", "t", Map.of("pk", "a", "b", "x".repeat(390_000))).operation();
    assertThat(StoreTexts.INSTANCE.refusal(Collections.nCopies(10, large))).isNull();
    assertThat(StoreTexts.INSTANCE.refusal(Collections.nCopies(11, large))).contains("4 MB");
  }

  @Test
  void oneAndOnePointZeroAreTheSameKey() throws Exception {
    Buffer buffer = new Buffer();
    buffer.add(bind("DELETE FROM t WHERE pk = 'a' AND sk = 1"));
    assertThatThrownBy(() -> buffer.add(bind("DELETE FROM t WHERE pk = 'a' AND sk = 1.0")))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("54000"));
    buffer.cut(0);
    buffer.add(bind("DELETE FROM t WHERE pk = 'a' AND sk = 1.0"));
    assertThat(buffer.length()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"S\":\"a\\\"\\\\\\u0000\\ud83c\\udf5c\"}",
        "{\"N\":\"1.50\"}",
        "{\"B\":\"AAH/\"}",
        "{\"BOOL\":true}",
        "{\"NULL\":true}",
        "{\"SS\":[\"a\",\"b\"]}",
        "{\"NS\":[\"1\"]}",
        "{\"BS\":[\"AA==\"]}",
        "{\"L\":[]}",
        "{\"L\":[{\"M\":{}},{\"M\":{\"a\":{\"L\":[{\"NULL\":true}]}}}]}"
      })
  void theLogsFormOfAnAttributeIsReadAsItWasWritten(String json) {
    assertThat(AttributeJson.write(AttributeJson.read(json))).isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"S\":1}",
        "{\"X\":\"a\"}",
        "{\"S\":\"a\"} ",
        "{\"L\":[}",
        "{\"S\":\"\\u12\"}"
      })
  void whatIsNoAttributeIsRefused(String json) {
    if (json.endsWith(" ")) {
      assertThat(AttributeJson.read(json).s()).isEqualTo("a");
    } else {
      assertThatThrownBy(() -> AttributeJson.read(json))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining("\"a\"");
    }
  }

  @Test
  void whatDynamoHasNoTypeForIsRefusedWithoutTheValue() {
    for (Object value :
        List.of(java.util.Set.of(), java.util.Set.of(1, "a"), Double.NaN, new Object())) {
      assertThatThrownBy(() -> Values.of(value))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
    }
    assertThatThrownBy(() -> PutItem.into("menu", "t", Map.of("pk", new Object())))
        .isInstanceOf(IllegalArgumentException.class);
    Parameter kept = DynamoTypes.parameter(AttributeValue.fromS("secret"));
    assertThat(kept.toString()).doesNotContain("secret");
  }
}
