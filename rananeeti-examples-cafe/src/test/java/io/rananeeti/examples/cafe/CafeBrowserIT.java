package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.WindowType;

/** What a guest sees, in a browser. */
final class CafeBrowserIT {

  private static final String STATE = "#state";

  @TempDir private Path directory;

  @AfterEach
  void close() throws Exception {
    CafeProcess.endDatabase(data());
  }

  private Path data() {
    return directory.resolve("data");
  }

  @Test
  void anOrderOfTheDarkTurnsToAppliedBeforeTheGuestsEyes() throws Exception {
    try (Browser browser = Browser.open(directory.resolve("profile"), true);
        CafeProcess cafe = CafeProcess.start(data(), Map.of())) {
      cafe.awaitHealth("state", "UP");
      browser.order(cafe, "Ann");
      browser.awaitText(STATE, "applied");

      browser.go(cafe, "/outage");
      browser.find("#kill").click();
      browser.awaitText(STATE, "DOWN");
      browser.order(cafe, "Bob");
      browser.awaitText(STATE, "accepted");
      browser.driver().executeScript("window.marker = 'not reloaded'");
      String orderTab = browser.driver().getWindowHandle();

      browser.driver().switchTo().newWindow(WindowType.TAB);
      browser.go(cafe, "/outage");
      browser.awaitText("#backlog", "1");
      browser.find("#start").click();
      browser.awaitText(STATE, "UP");
      browser.awaitText("#applied", "1");
      browser.driver().switchTo().window(orderTab);

      browser.awaitText(STATE, "applied");
      assertThat(browser.driver().executeScript("return window.marker")).isEqualTo("not reloaded");
      assertThat(browser.find("#log").getText())
          .contains("App Code", "Backend Code", "Transactions Queue Code", "Applied:");
      assertThat(browser.complaints()).isEmpty();
    }
  }

  @Test
  void withoutScriptAReloadTellsAsMuch() throws Exception {
    try (Browser browser = Browser.open(directory.resolve("profile"), false);
        CafeProcess cafe = CafeProcess.start(data(), Map.of())) {
      cafe.awaitHealth("state", "UP");
      browser.go(cafe, "/outage");
      browser.find("#kill").click();
      cafe.awaitHealth("state", "DOWN");
      browser.order(cafe, "Ann");
      assertThat(browser.find(STATE).getText()).isEqualTo("accepted");
      String page = browser.driver().getCurrentUrl();

      browser.go(cafe, "/outage");
      assertThat(browser.find("#backlog").getText()).isEqualTo("1");
      browser.find("#start").click();
      cafe.awaitDrained();
      browser.driver().get(String.valueOf(page));

      assertThat(browser.find(STATE).getText()).isEqualTo("applied");
    }
  }

  @Test
  void markupIsShownAndNotExecuted() throws Exception {
    String markup = "<script>document.title='x'</script>";
    try (Browser browser = Browser.open(directory.resolve("profile"), true);
        CafeProcess cafe = CafeProcess.start(data(), Map.of())) {
      cafe.awaitHealth("state", "UP");

      browser.order(cafe, markup);

      assertThat(browser.find("dd").getText()).isEqualTo(markup);
      assertThat(browser.driver().getTitle()).startsWith("Order ");
    }
  }

  @Test
  void everyPageFitsOnAPhone() throws Exception {
    try (Browser browser = Browser.open(directory.resolve("profile"), true);
        CafeProcess cafe = CafeProcess.start(data(), Map.of())) {
      cafe.awaitHealth("state", "UP");
      browser.order(cafe, "W".repeat(40));
      String order = String.valueOf(browser.driver().getCurrentUrl());
      browser.beAPhone(360);

      for (String page : List.of("/", "/outage", "/nothing", order)) {
        browser.go(cafe, page);
        assertThat(browser.driver().executeScript("return document.documentElement.scrollWidth"))
            .as(page)
            .isEqualTo(360L);
      }
    }
  }
}
