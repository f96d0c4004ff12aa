package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLEncoder;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OrderFormTest {

  private final Map<String, String> fields =
      new LinkedHashMap<>(
          Map.of("Name", "Ann", "People", "2", "date", "2030-05-17T19:30", "token", "abc"));

  @Test
  void aGoodFormIsAnOrder() throws Exception {
    fields.put("Message", "a table outside");
    fields.put("Emulate", "on");

    Order order = form().order();

    assertThat(order.name()).isEqualTo("Ann");
    assertThat(order.people()).isEqualTo(2);
    assertThat(order.date()).isEqualTo(LocalDateTime.of(2030, 5, 17, 19, 30));
    assertThat(order.message()).isEqualTo("a table outside");
    assertThat(order.emulate()).isTrue();
  }

  @Test
  void aMessageIsOptional() throws Exception {
    assertThat(form().order().message()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Name", "People", "date"})
  void whatIsMissingIsNamed(String field) throws Exception {
    fields.remove(field);

    assertThat(form().errors()).containsOnlyKeys(field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "10000", "-1", "+1", "1.5", "1e3", "two", "99999999999", "٣", "1 2"})
  void peopleAreAWholeNumberFromOneTo9999(String people) throws Exception {
    fields.put("People", people);

    assertThat(form().errors()).containsOnlyKeys("People");
  }

  @ParameterizedTest
  @CsvSource({"1,1", "9999,9999", "0012,12", "' 7 ',7"})
  void peopleMayBeWrittenWithZerosAndBlanks(String people, int count) throws Exception {
    fields.put("People", people);

    assertThat(form().order().people()).isEqualTo(count);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tomorrow",
        "2030-02-30T10:00",
        "2030-13-01T10:00",
        "2030-05-17",
        "2030-05-17T24:00",
        "2030-05-17T19:30:00.5",
        "2030-05-17T19:30Z",
        "2030-05-17 19:30",
        "1999-12-31T23:59",
        "3000-01-01T00:00",
        "+12030-05-17T19:30",
        "-0001-05-17T19:30"
      })
  void aDateIsADateTimeOfThisMillennium(String date) throws Exception {
    fields.put("date", date);

    assertThat(form().errors()).containsOnlyKeys("date");
  }

  @Test
  void aDateMayHaveSeconds() throws Exception {
    fields.put("date", "2032-02-29T19:30:59");

    assertThat(form().order().date()).isEqualTo(LocalDateTime.of(2032, 2, 29, 19, 30, 59));
  }

  @Test
  void lengthsAreCountedInCharactersAsTheDatabaseDoes() throws Exception {
    fields.put("Name", "🥐".repeat(40));
    fields.put("Message", "é".repeat(200));

    assertThat(form().errors()).isEmpty();

    fields.put("Name", "🥐".repeat(41));
    fields.put("Message", "é".repeat(201));

    assertThat(form().errors()).containsOnlyKeys("Name", "Message");
  }

  @Test
  void aLineBreakOfABrowserIsOneCharacter() throws Exception {
    fields.put("Message", "a\r\n".repeat(100));

    assertThat(form().order().message()).isEqualTo("a\n".repeat(100));
  }

  @Test
  void whatTheDatabaseCannotKeepIsRefused() throws Exception {
    fields.put("Name", "An\0n");
    fields.put("Message", "a\0b");

    assertThat(form().errors()).containsOnlyKeys("Name", "Message");
  }

  @Test
  void aNameIsOneLine() throws Exception {
    fields.put("Name", "Ann\nBob");

    assertThat(form().errors()).containsOnlyKeys("Name");
  }

  @Test
  void aTickIsATick() throws Exception {
    fields.put("Emulate", "maybe");

    assertThat(form().errors()).containsOnlyKeys("Emulate");
  }

  @Test
  void aDamagedTokenIsReplacedInTheFormThatGoesBack() throws Exception {
    fields.put("token", "a b");

    OrderForm form = form();

    assertThat(form.errors()).containsOnlyKeys("token");
    assertThat(form.token()).matches("[0-9a-f]{32}");
  }

  @Test
  void oneFormSentTwiceIsOneOrder() throws Exception {
    assertThat(form().order().number()).isEqualTo(form().order().number());
  }

  @Test
  void twoFormsFilledInAlikeAreTwoOrders() throws Exception {
    String first = form().order().number();
    fields.put("token", "abd");

    assertThat(form().order().number()).isNotEqualTo(first);
  }

  @Test
  void withoutATokenEveryRequestIsAnOrder() throws Exception {
    fields.remove("token");

    assertThat(form().order().number()).isNotEqualTo(form().order().number());
  }

  @ParameterizedTest
  @CsvSource({
    "Name,Bob",
    "People,3",
    "date,2030-05-17T19:31",
    "Message,hello",
    "Emulate,on",
  })
  void eachFieldCountsForTheNumber(String field, String value) throws Exception {
    String first = form().order().number();
    fields.put(field, value);

    assertThat(form().order().number()).isNotEqualTo(first);
  }

  @Test
  void aFieldSentTwiceIsRefused() throws Exception {
    OrderForm form = OrderForm.of(FormBody.parse((encoded() + "&Name=Bob").getBytes(UTF_8)));

    assertThat(form.errors()).containsOnlyKeys("Name");
    assertThat(form.value("Name")).isEqualTo("Ann");
  }

  @Test
  void anInvalidFormIsNoOrder() throws Exception {
    fields.remove("Name");
    OrderForm form = form();

    assertThatThrownBy(form::order).isInstanceOf(IllegalStateException.class);
  }

  private OrderForm form() throws BadRequest {
    return OrderForm.of(FormBody.parse(encoded().getBytes(UTF_8)));
  }

  private String encoded() {
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
        .collect(Collectors.joining("&"));
  }
}
