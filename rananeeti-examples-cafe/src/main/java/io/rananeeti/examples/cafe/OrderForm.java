package io.rananeeti.examples.cafe;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The reservation form as it was filled in, with what is wrong beside each field.
 *
 * <p>Lengths count characters as PostgreSQL's {@code varchar} does: code points, with a line break
 * as one.
 *
 * @param token makes this form one order however often it is sent
 * @param values what was typed, by field
 * @param errors what is wrong, by field; a form without errors is an {@link #order()}
 */
record OrderForm(String token, Map<String, String> values, Map<String, String> errors) {

  static final String NAME = "Name";
  static final String PEOPLE = "People";
  static final String DATE = "date";
  static final String MESSAGE = "Message";
  static final String EMULATE = "Emulate";
  static final String TOKEN = "token";

  static final int NAME_LIMIT = 40;
  static final int MESSAGE_LIMIT = 200;
  static final int PEOPLE_LIMIT = 9999;
  static final int FIRST_YEAR = 2000;
  static final int LAST_YEAR = 2999;

  private static final Pattern TOKEN_FORM = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern PEOPLE_FORM = Pattern.compile("[0-9]{1,4}");
  private static final Pattern LINE_BREAK = Pattern.compile("\r\n?");
  private static final DateTimeFormatter DATE_FORM =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm[:ss]")
          .withResolverStyle(ResolverStyle.STRICT);
  private static final Set<String> TICKED = Set.of("on", "true", "1", "yes");
  private static final Set<String> NOT_TICKED = Set.of("", "off", "false", "0", "no");

  /** Copies the maps. */
  OrderForm {
    values = Map.copyOf(values);
    errors = Map.copyOf(errors);
  }

  /** An empty form with a token of its own. */
  static OrderForm blank() {
    return new OrderForm(OrderNumber.newToken(), Map.of(), Map.of());
  }

  /** A form as it was sent. */
  static OrderForm of(FormBody body) {
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, String> errors = new LinkedHashMap<>();
    for (String field : new String[] {NAME, PEOPLE, DATE, MESSAGE, EMULATE, TOKEN}) {
      String value = LINE_BREAK.matcher(body.value(field)).replaceAll("\n");
      values.put(field, value);
      Optional.ofNullable(body.isRepeated(field) ? "This was sent twice." : complaint(field, value))
          .ifPresent(complaint -> errors.put(field, complaint));
    }
    String token = values.getOrDefault(TOKEN, "");
    boolean usable = !token.isEmpty() && !errors.containsKey(TOKEN);
    return new OrderForm(usable ? token : OrderNumber.newToken(), values, errors);
  }

  private static @Nullable String complaint(String field, String value) {
    Function<String, @Nullable String> check =
        switch (field) {
          case NAME -> OrderForm::nameComplaint;
          case PEOPLE -> OrderForm::peopleComplaint;
          case DATE -> OrderForm::dateComplaint;
          case MESSAGE -> OrderForm::messageComplaint;
          case EMULATE -> OrderForm::emulateComplaint;
          default -> OrderForm::tokenComplaint;
        };
    return check.apply(value);
  }

  private static @Nullable String nameComplaint(String name) {
    if (name.isBlank()) {
      return "Please tell us your name.";
    }
    if (name.chars().anyMatch(Character::isISOControl)) {
      return "A name is one line without control characters.";
    }
    return tooLong(name, NAME_LIMIT);
  }

  private static @Nullable String peopleComplaint(String people) {
    if (people.isBlank()) {
      return "How many of you will come?";
    }
    boolean inRange =
        PEOPLE_FORM.matcher(people.strip()).matches() && Integer.parseInt(people.strip()) >= 1;
    return inRange ? null : "A whole number from 1 to " + PEOPLE_LIMIT + ", please.";
  }

  private static @Nullable String dateComplaint(String date) {
    if (date.isBlank()) {
      return "When shall we expect you?";
    }
    try {
      int year = LocalDateTime.parse(date, DATE_FORM).getYear();
      return year >= FIRST_YEAR && year <= LAST_YEAR
          ? null
          : "A year from %d to %d, please.".formatted(FIRST_YEAR, LAST_YEAR);
    } catch (DateTimeException e) {
      return "A date and time, please, such as 2030-05-17T19:30.";
    }
  }

  private static @Nullable String messageComplaint(String message) {
    boolean printable =
        message.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t');
    return printable
        ? tooLong(message, MESSAGE_LIMIT)
        : "The message holds control characters that we can't keep.";
  }

  private static @Nullable String emulateComplaint(String emulate) {
    return TICKED.contains(emulate) || NOT_TICKED.contains(emulate)
        ? null
        : "Either ticked or not, please.";
  }

  private static @Nullable String tokenComplaint(String token) {
    return token.isEmpty() || TOKEN_FORM.matcher(token).matches()
        ? null
        : "The form was damaged on its way. Please send it again.";
  }

  private static @Nullable String tooLong(String text, int limit) {
    int length = text.codePointCount(0, text.length());
    return length <= limit
        ? null
        : "That is %d characters; there is room for %d.".formatted(length, limit);
  }

  /** What was typed into a field. */
  String value(String field) {
    return values.getOrDefault(field, "");
  }

  /** What is wrong with a field, null if nothing is. */
  @Nullable String error(String field) {
    return errors.get(field);
  }

  /** Whether the box is ticked. */
  boolean emulate() {
    return TICKED.contains(value(EMULATE));
  }

  /** Whether this can be ordered. */
  boolean isValid() {
    return errors.isEmpty();
  }

  /**
   * The order that this form is.
   *
   * @throws IllegalStateException if something is wrong with it
   */
  Order order() {
    if (!isValid()) {
      throw new IllegalStateException("the form is not valid: " + errors.keySet());
    }
    int people = Integer.parseInt(value(PEOPLE).strip());
    LocalDateTime date = LocalDateTime.parse(value(DATE), DATE_FORM);
    String message = value(MESSAGE).isEmpty() ? null : value(MESSAGE);
    return new Order(number(people, date), value(NAME), people, date, message, emulate());
  }

  private String number(int people, LocalDateTime date) {
    return OrderNumber.of(
        token,
        value(NAME),
        Integer.toString(people),
        date.toString(),
        value(MESSAGE),
        Boolean.toString(emulate()));
  }
}
