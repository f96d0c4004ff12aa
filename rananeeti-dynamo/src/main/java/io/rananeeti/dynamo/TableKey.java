package io.rananeeti.dynamo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The primary key of a table.
 *
 * @param partition the attribute that is the partition key
 * @param sort the attribute that is the sort key; null if there is none
 */
record TableKey(String partition, @Nullable String sort) {

  List<String> names() {
    return sort == null ? List.of(partition) : List.of(partition, sort);
  }

  boolean has(String attribute) {
    return names().contains(attribute);
  }

  /** The key of an item; null if it lacks a part of it. */
  @Nullable Map<String, AttributeValue> of(Map<String, AttributeValue> item) {
    Map<String, AttributeValue> key = new LinkedHashMap<>();
    for (String name : names()) {
      AttributeValue value = item.get(name);
      if (value == null) {
        return null;
      }
      key.put(name, value);
    }
    return key;
  }

  /** The names, for people. */
  String shown() {
    return String.join(" and ", names());
  }
}
