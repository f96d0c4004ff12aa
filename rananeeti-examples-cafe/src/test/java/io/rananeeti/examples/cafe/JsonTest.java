package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class JsonTest {

  @Test
  void writesWhatTheCafeSays() {
    Map<String, @Nullable Object> report = new LinkedHashMap<>();
    report.put("state", "UP");
    report.put("backlog", 3L);
    report.put("oldest", null);
    report.put("ok", true);
    report.put("alarms", List.of("a \"b\"\n\\ </script> \u2028"));
    report.put("points", Arrays.asList(List.of(1, 2.5), List.of()));

    assertThat(Json.of(report))
        .isEqualTo(
            "{\"state\":\"UP\",\"backlog\":3,\"oldest\":null,\"ok\":true,"
                + "\"alarms\":[\"a \\\"b\\\"\\u000a\\\\ \\u003c/script> \\u2028\"],"
                + "\"points\":[[1,2.5],[]]}");
  }

  @Test
  void refusesWhatIsNotJson() {
    assertThatThrownBy(() -> Json.of(Instant.EPOCH)).isInstanceOf(IllegalArgumentException.class);
  }
}
