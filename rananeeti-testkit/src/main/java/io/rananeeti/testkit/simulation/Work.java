package io.rananeeti.testkit.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that a client wants. Every one that writes appends a row with its name to the table
 * {@code events}, by whose order and number all others can be judged.
 *
 * @param name unique
 * @param kind what it is about
 * @param key its ordering key, empty for none
 * @param poison how the database will refuse it; null if it will not
 * @param deferrable whether it may be deferred
 * @param autoCommit whether its one statement is its transaction
 * @param reads whether it first reads what it decides by
 * @param statements its writes
 */
public record Work(
    String name,
    Kind kind,
    String key,
    @Nullable String poison,
    boolean deferrable,
    boolean autoCommit,
    boolean reads,
    List<Statement> statements) {

  /** What a transaction is about. */
  public enum Kind {
    /** A row that nobody else touches. */
    INSERT,
    /** An element of its key's list. */
    APPEND,
    /** Money from one account to another: their total never changes. */
    TRANSFER,
    /** A version that follows an expected one. */
    SWAP,
    /** Reads, and writes nothing. */
    READ
  }

  /**
   * A write.
   *
   * @param arguments texts and longs
   */
  public record Statement(String sql, List<Object> arguments) {

    static Statement of(String sql, Object... arguments) {
      return new Statement(sql, List.of(arguments));
    }
  }

  /** A row of this kind is refused by its statement. */
  public static final String POISON = "arsenic";

  /** A row of this kind is refused when deferred constraints are checked. */
  public static final String SLOW_POISON = "mercury";

  /** A row of this kind is refused by COMMIT alone. */
  public static final String LAST_POISON = "polonium";

  /** The accounts. */
  public static final List<String> ACCOUNTS = List.of("ann", "bob", "cid");

  /** What all accounts hold together. */
  public static final long TOTAL = 300;

  /** The versioned records. */
  public static final List<String> RECORDS = List.of("menu", "rota");

  /** What a transaction in a context sets to its {@link #context()}. */
  static final String CONTEXT = "app.visitor";

  /** Part of the names of those that must be applied at once. */
  static final String FAREWELL = "farewell";

  /** In the place of each hyphen, so that no name is a part of another. */
  private static final char ANOTHER = '~';

  static final String ADD = "UPDATE accounts SET v = v + ? WHERE k = ?";
  static final String SET = "UPDATE accounts SET v = ? WHERE k = ?";
  static final String READ_LOCKED = "SELECT v FROM accounts WHERE k = ? FOR UPDATE";

  static final String SEQUENCE = "tickets";
  static final String NUMBER = "INSERT INTO numbers VALUES (?, ?)";

  private static final String EVENT = "INSERT INTO events VALUES (?, ?, ?, ?)";

  /** Whether it sets something, where transactions do that at all. */
  boolean isInContext() {
    return !autoCommit && kind != Kind.READ && name.hashCode() % 3 == 0;
  }

  /** Whether it takes a number, where transactions do that at all. */
  boolean isNumbered() {
    return !autoCommit && !reads && kind != Kind.READ;
  }

  /** Whether it sets what it has read, where transfers do that at all. */
  boolean rewrites() {
    return reads || name.hashCode() % 2 == 0;
  }

  /** Whether it carries an intent key, and may be tried again by anybody. */
  boolean isIntended(Set<Habit> habits) {
    boolean repeatable =
        switch (kind) {
          case INSERT, APPEND -> true;
          case TRANSFER -> !habits.contains(Habit.REWRITING);
          case SWAP, READ -> false;
        };
    return habits.contains(Habit.INTENDED)
        && repeatable
        && !name.contains(FAREWELL)
        && intentKey().hashCode() % 3 != 0;
  }

  /** Its intent key: the same for all that have something else in its place. */
  String intentKey() {
    return name.replace(ANOTHER, '+').replace('-', '+');
  }

  /** Something else under the same intent key. */
  Work another() {
    String other = name.replace('-', ANOTHER);
    List<Statement> changed =
        statements.stream()
            .map(
                statement ->
                    new Statement(
                        statement.sql(),
                        statement.arguments().stream()
                            .map(argument -> argument.equals(name) ? other : argument)
                            .toList()))
            .toList();
    return new Work(other, kind, key, poison, deferrable, autoCommit, reads, changed);
  }

  /** Whether it does so by a function. */
  boolean isInContextByFunction() {
    return name.hashCode() % 2 == 0;
  }

  /** What it sets, or notifies. */
  String context() {
    return name.replace('-', '_').replace(ANOTHER, '_');
  }

  /** Draws a transaction with this name. */
  static Work draw(SeededRandom random, String name, String ownKey, Mix mix) {
    Kind kind = mix.kind(random);
    String key =
        switch (random.nextInt(5)) {
          case 0, 1 -> "shared";
          case 2 -> ownKey;
          default -> "";
        };
    String poison =
        kind == Kind.READ || kind == Kind.SWAP || !random.oneIn(mix.poisonOneIn())
            ? null
            : poison(random);
    boolean auto = kind == Kind.INSERT && random.oneIn(5);
    List<Statement> statements = new ArrayList<>();
    String detail = poison == null ? "tea" : poison;
    switch (kind) {
      case INSERT -> {
        if (!auto) {
          statements.add(Statement.of("INSERT INTO orders VALUES (?, ?)", name, "tea"));
        }
      }
      case APPEND, READ -> {}
      case TRANSFER -> transfer(random, statements);
      case SWAP -> {
        String record = random.oneOf(RECORDS);
        String from = mix.version(record);
        detail = record + ":" + from + ">" + name;
        statements.add(
            Statement.of("UPDATE versions SET v = ? WHERE k = ? AND v = ?", name, record, from));
      }
    }
    if (kind != Kind.READ) {
      int at = random.nextInt(statements.size() + 1);
      statements.add(at, Statement.of(EVENT, name, key, kind.name(), detail));
    }
    boolean reads = kind == Kind.READ || (!auto && random.oneIn(8));
    return new Work(name, kind, key, poison, !random.oneIn(7), auto, reads, statements);
  }

  /** An event, and nothing else. */
  static Work plain(String name) {
    Statement event = Statement.of(EVENT, name, "", Kind.INSERT.name(), "tea");
    return new Work(name, Kind.INSERT, "", null, true, false, false, List.of(event));
  }

  private static String poison(SeededRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> SLOW_POISON;
      case 1 -> LAST_POISON;
      default -> POISON;
    };
  }

  private static void transfer(SeededRandom random, List<Statement> statements) {
    int from = random.nextInt(ACCOUNTS.size());
    int to = (from + 1 + random.nextInt(ACCOUNTS.size() - 1)) % ACCOUNTS.size();
    long amount = 1 + random.nextLong(20);
    statements.add(Statement.of(ADD, -amount, ACCOUNTS.get(from)));
    statements.add(Statement.of(ADD, amount, ACCOUNTS.get(to)));
  }
}
