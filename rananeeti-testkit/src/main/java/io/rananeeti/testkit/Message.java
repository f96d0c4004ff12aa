package io.rananeeti.testkit;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A choice among the messages that a client sends to PostgreSQL, by type and by the SQL that they
 * are about.
 *
 * <p>SQL is known in each protocol: as text of a Query, and for Parse, Bind and Execute by the name
 * of the statement, however long ago that was parsed. Immutable.
 */
public final class Message {

  private final String name;
  private final boolean readsContent;
  private final Predicate<FrontendMessage> predicate;

  private Message(String name, boolean readsContent, Predicate<FrontendMessage> predicate) {
    this.name = name;
    this.readsContent = readsContent;
    this.predicate = predicate;
  }

  /** Any message after the start-up of a connection, those of authentication included. */
  public static Message any() {
    return new Message("any message", false, message -> true);
  }

  /**
   * Messages of a type, by the protocol's letter, such as {@code 'd'} for CopyData or {@code 'X'}
   * for Terminate.
   */
  public static Message ofType(char type) {
    return new Message("message " + type, false, message -> message.type() == type);
  }

  /** Query: text run by the simple protocol. */
  public static Message query() {
    return ofType('Q');
  }

  /** Parse: text made a prepared statement. */
  public static Message parse() {
    return ofType('P');
  }

  /** Bind: parameters given to a prepared statement. */
  public static Message bind() {
    return ofType('B');
  }

  /** Execute: a bound statement run. */
  public static Message execute() {
    return ofType('E');
  }

  /** Sync: the end of a request of the extended protocol. */
  public static Message sync() {
    return ofType('S');
  }

  /**
   * A Query or an Execute that runs COMMIT (or END), alone or among other statements; not COMMIT
   * PREPARED.
   */
  public static Message commit() {
    return running("COMMIT", SqlText::commits);
  }

  /**
   * A Query or an Execute that runs SQL in which the regular expression is found; letters match in
   * either case.
   */
  public static Message running(String regularExpression) {
    Pattern pattern = Pattern.compile(regularExpression, Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    return running(regularExpression, sql -> pattern.matcher(sql).find());
  }

  private static Message running(String name, Predicate<String> matches) {
    return new Message(
        "run of " + name,
        false,
        message -> {
          String sql = message.sql();
          return message.runs() && sql != null && matches.test(sql);
        });
  }

  /**
   * A Query, Parse or Bind in which the text stands, as it is written on the wire in UTF-8: in SQL,
   * or in a parameter that the driver sends as text (pgjdbc: strings). Chooses one piece of work
   * among those that run the same SQL.
   */
  public static Message carrying(String text) {
    Predicate<FrontendMessage> typed = message -> "QPB".indexOf(message.type()) >= 0;
    return new Message("message with " + text, true, typed.and(message -> message.contains(text)));
  }

  /**
   * Narrows this choice to messages about SQL that contains the text; letters match in either case.
   */
  public Message containing(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return new Message(
        name + " containing " + text,
        readsContent,
        predicate.and(
            message -> {
              String sql = message.sql();
              return sql != null && sql.toLowerCase(Locale.ROOT).contains(lower);
            }));
  }

  boolean matches(FrontendMessage message) {
    return predicate.test(message);
  }

  /** Whether this cannot be told from type and SQL alone. */
  boolean readsContent() {
    return readsContent;
  }

  @Override
  public String toString() {
    return name;
  }
}
