package io.rananeeti.dynamo;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * One of the actions of a DynamoDB transaction, ready to be sent. Immutable.
 *
 * @param request what is sent
 * @param table whose item it is about
 * @param key of the item
 * @param unmet what it means that its condition does not hold
 * @param size about how many bytes DynamoDB counts for it
 */
record Action(
    TransactWriteItem request,
    String table,
    Map<String, AttributeValue> key,
    Unmet unmet,
    long size) {

  /** What it means that a condition does not hold. */
  enum Unmet {
    /** It inserts, and the item is there already. */
    DUPLICATE("23505", "an item with this primary key is there already"),
    /** It was promised to change one item, and there is none such. */
    NO_ITEM(
        "44R01", "promised 1, was 0: there is no item with this key that the condition holds for"),
    /** The application's own condition. */
    CONDITION("23514", "its condition does not hold");

    final String sqlState;
    final String words;

    Unmet(String sqlState, String words) {
      this.sqlState = sqlState;
      this.words = words;
    }
  }

  /** Which item, equal for the same item. */
  ItemId item() {
    Map<String, AttributeValue> plain = new HashMap<>(key);
    plain.replaceAll((name, value) -> plain(value));
    return new ItemId(table, plain);
  }

  /** 1 and 1.0 are the same key. */
  private static AttributeValue plain(AttributeValue value) {
    return value.n() == null
        ? value
        : AttributeValue.fromN(new BigDecimal(value.n()).stripTrailingZeros().toPlainString());
  }

  /** Shows no value. */
  @Override
  public String toString() {
    return "Action[table=" + table + "]";
  }

  /** An item. */
  record ItemId(String table, Map<String, AttributeValue> key) {
    /** Shows no value. */
    @Override
    public String toString() {
      return "item of " + table;
    }
  }
}
