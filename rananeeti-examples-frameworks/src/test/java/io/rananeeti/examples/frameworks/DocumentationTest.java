package io.rananeeti.examples.frameworks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Each sample in the documentation is a marked region of these sources, so that it compiles and
 * runs. With {@code -Dsamples.update=true} the documentation is written anew from the sources.
 */
class DocumentationTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "frameworks.md");
  private static final Path SOURCES = Path.of("src", "test");

  /** A fence, with the comment that names its source: {@code <!-- sample: path#tag -->}. */
  private static final Pattern SAMPLE =
      Pattern.compile("(<!-- sample: (\\S+)#(\\S+) -->\n)?```(\\w+)\n(.*?)```", Pattern.DOTALL);

  @Test
  void everySampleIsWhatTheSourcesSay() throws IOException {
    String text = Files.readString(DOCUMENT);
    String expected = withSamples(text);
    if (Boolean.getBoolean("samples.update")) {
      Files.writeString(DOCUMENT, expected);
    } else {
      assertThat(text).isEqualTo(expected);
    }
  }

  private static String withSamples(String text) throws IOException {
    Matcher sample = SAMPLE.matcher(text);
    StringBuilder result = new StringBuilder();
    int found = 0;
    while (sample.find()) {
      found++;
      assertThat(sample.group(1)).as("names its source: " + sample.group()).isNotNull();
      String code = region(SOURCES.resolve(sample.group(2)), sample.group(3));
      String fence = sample.group(1) + "```" + sample.group(4) + "\n" + code + "```";
      sample.appendReplacement(result, Matcher.quoteReplacement(fence));
    }
    assertThat(found).isPositive();
    return sample.appendTail(result).toString();
  }

  private static String region(Path source, String tag) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean inside = false;
    boolean closed = false;
    for (String line : Files.readAllLines(source)) {
      if (line.strip().matches("\\S+ (tag|end)::.*")) {
        boolean ours = line.endsWith("::" + tag);
        closed |= ours && inside;
        inside = ours ? line.contains("tag::") : inside;
      } else if (inside) {
        lines.add(line);
      }
    }
    assertThat(closed).as(source + " has a region " + tag).isTrue();
    return String.join("\n", lines).stripIndent().strip() + "\n";
  }
}
