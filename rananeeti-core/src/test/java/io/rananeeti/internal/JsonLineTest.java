package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonLineTest {

  @Test
  void anythingThatAPersonWritesStaysOnItsLineAndInItsQuotes() {
    String reason =
        "a \"quoted\" \\ reason\n\r\t\b\u0000\u007f\u0085\u2028\u2029 caf\u00e9 \ud83c\udf75";

    String line = JsonLine.write(values("reason", reason, "entry", 12L));

    assertThat(line).doesNotContainPattern("[\\p{Cntrl}\u0085\u2028\u2029]");
    assertThat(line)
        .startsWith("{\"reason\":\"a \\\"quoted\\\" \\\\ reason\\n")
        .endsWith(",\"entry\":12}");
    assertThat(JsonLine.read(line)).isEqualTo(values("reason", reason, "entry", 12L));
  }

  @Test
  void halfACharacterIsNoInvalidUtf8() {
    String line = JsonLine.write(values("x", "\ud83c", "y", "\udf75 \ud83c"));

    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);

    assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(line);
    assertThat(JsonLine.read(line)).isEqualTo(values("x", "\ud83c", "y", "\udf75 \ud83c"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anotherReaderOfJsonReadsTheSame(long seed) throws Exception {
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      Map<String, Object> values = values(text(random), text(random), "n", random.nextLong());
      String line = JsonLine.write(values);

      assertThat(byJackson(line)).as("seed=%d line=%s", seed, line).isEqualTo(values);
      assertThat(JsonLine.read(line)).as("seed=%d line=%s", seed, line).isEqualTo(values);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":\"b",
        "{\"a\":\"b\"",
        "{\"a\":\"b\"}x",
        "{\"a\":1e}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":[1]}",
        "{\"a\":}"
      })
  void aLineThatIsNotWholeIsRefused(String line) {
    assertThatThrownBy(() -> JsonLine.read(line)).isInstanceOf(IllegalArgumentException.class);
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    random
        .ints(random.nextInt(20), 0, Character.MAX_CODE_POINT + 1)
        .map(point -> random.nextBoolean() ? point % 128 : point)
        .filter(point -> !(point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE))
        .forEach(text::appendCodePoint);
    return text.append('.').toString();
  }

  private static Map<String, Object> byJackson(String line) throws Exception {
    Map<String, Object> values = new LinkedHashMap<>();
    try (JsonParser in = new JsonFactory().createParser(line)) {
      assertThat(in.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      while (in.nextToken() != JsonToken.END_OBJECT) {
        String name = in.currentName();
        values.put(
            name,
            in.nextToken() == JsonToken.VALUE_STRING ? in.getText() : (Object) in.getLongValue());
      }
    }
    return values;
  }

  private static Map<String, Object> values(String a, Object first, String b, Object second) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(a, first);
    values.put(b, second);
    return values;
  }
}
