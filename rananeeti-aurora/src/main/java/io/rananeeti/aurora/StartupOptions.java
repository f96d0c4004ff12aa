package io.rananeeti.aurora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the command-line options that a client may give to its session: {@code -c name=value},
 * {@code -cname=value} and {@code --name=value}, parted by spaces, with {@code \} before a
 * character that is meant as it is (PostgreSQL's {@code pg_split_opts} and {@code
 * process_postgres_switches}).
 */
final class StartupOptions {

  private StartupOptions() {}

  /** The settings in them, by name in lower case; what else they hold is left out. */
  static Map<String, String> settings(@Nullable String options) {
    Map<String, String> settings = new LinkedHashMap<>();
    List<String> words = words(options == null ? "" : options);
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("-c") && i + 1 < words.size()) {
        add(words.get(++i), settings);
      } else if (word.startsWith("-c") || word.startsWith("--")) {
        add(word.substring(2), settings);
      }
    }
    return settings;
  }

  private static void add(String assignment, Map<String, String> settings) {
    int equals = assignment.indexOf('=');
    if (equals > 0) {
      String name = assignment.substring(0, equals).toLowerCase(Locale.ROOT).replace('-', '_');
      settings.put(name, assignment.substring(equals + 1));
    }
  }

  private static List<String> words(String options) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < options.length(); i++) {
      char c = options.charAt(i);
      if (c == '\\' && i + 1 < options.length()) {
        word.append(options.charAt(++i));
      } else if (Character.isWhitespace(c)) {
        end(word, words);
      } else {
        word.append(c);
      }
    }
    end(word, words);
    return words;
  }

  private static void end(StringBuilder word, List<String> words) {
    if (word.length() > 0) {
      words.add(word.toString());
      word.setLength(0);
    }
  }
}
