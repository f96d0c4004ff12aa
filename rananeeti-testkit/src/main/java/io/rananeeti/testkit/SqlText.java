package io.rananeeti.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The statements of a text as PostgreSQL's simple query protocol takes it: several of them, parted
 * by semicolons.
 *
 * <p>Semicolons in string literals, quoted names, dollar-quoted strings and comments do not part.
 * Nested comments are not understood.
 */
final class SqlText {

  private static final Pattern QUOTED =
      Pattern.compile(
          "\\b[eE]'(?:[^'\\\\]|\\\\.|'')*+'|'(?:[^']|'')*+'|\"(?:[^\"]|\"\")*+\"|--[^\\n]*+|/\\*.*?\\*/|\\$(?<tag>[A-Za-z_0-9]*)\\$.*?\\$\\k<tag>\\$",
          Pattern.DOTALL);
  private static final Pattern COMMIT =
      Pattern.compile(
          "(?:COMMIT|END)(?:\\s+(?:WORK|TRANSACTION))?(?:\\s+AND\\s+(?:NO\\s+)?CHAIN)?",
          Pattern.CASE_INSENSITIVE);

  private SqlText() {}

  /**
   * Whether one of the statements is COMMIT, or END, which means the same. COMMIT PREPARED is not.
   */
  static boolean commits(String sql) {
    return statements(sql).stream().anyMatch(statement -> COMMIT.matcher(statement).matches());
  }

  /**
   * Returns the statements without comments and with their quoted parts blanked, stripped; empty
   * ones are left out.
   */
  static List<String> statements(String sql) {
    Matcher quoted = QUOTED.matcher(sql);
    String bare =
        quoted.replaceAll(
            match -> match.group().startsWith("-") || match.group().startsWith("/") ? " " : "''");
    List<String> statements = new ArrayList<>();
    for (String statement : bare.split(";", -1)) {
      if (!statement.isBlank()) {
        statements.add(statement.strip());
      }
    }
    return statements;
  }
}
