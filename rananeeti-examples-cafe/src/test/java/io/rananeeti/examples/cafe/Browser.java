package io.rananeeti.examples.cafe;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.ExpectedCondition;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** A Chromium without a window, as a guest of the cafe. */
final class Browser implements AutoCloseable {

  private static final Duration LIMIT = CafeProcess.LIMIT;
  private static final List<String> ARGUMENTS =
      List.of(
          "--headless=new",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--disable-dev-shm-usage",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--force-prefers-reduced-motion",
          "--window-size=1200,1000");

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Starts one with this profile; the test is skipped, and says so, where there is none. */
  static Browser open(Path profile, boolean withScript) {
    Optional<Path> chromium = find("CHROMIUM", "chromium", "chromium-browser", "google-chrome");
    Optional<Path> chromedriver = find("CHROMEDRIVER", "chromedriver");
    boolean there = chromium.isPresent() && chromedriver.isPresent();
    if (!there) {
      System.out.println(
          "The browser tests are skipped: no chromium and chromedriver in the PATH.");
    }
    assumeTrue(there, "needs chromium and chromedriver in the PATH");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.orElseThrow().toFile());
    options.addArguments(ARGUMENTS);
    options.addArguments("--user-data-dir=" + profile);
    options.setCapability("goog:loggingPrefs", Map.of(LogType.BROWSER, "ALL"));
    if (!withScript) {
      options.setExperimentalOption(
          "prefs", Map.of("profile.managed_default_content_settings.javascript", 2));
    }
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(chromedriver.orElseThrow().toFile())
            .build();
    return new Browser(new ChromeDriver(service, options));
  }

  private static Optional<Path> find(String variable, String... names) {
    String chosen = System.getenv(variable);
    if (chosen != null) {
      return Optional.of(Path.of(chosen)).filter(Files::isExecutable);
    }
    String[] directories = System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1);
    for (String name : names) {
      for (String directory : directories) {
        Path program = Path.of(directory, name);
        if (Files.isExecutable(program)) {
          return Optional.of(program);
        }
      }
    }
    return Optional.empty();
  }

  ChromeDriver driver() {
    return driver;
  }

  void go(CafeProcess cafe, String path) {
    driver.get(cafe.uri(path).toString());
  }

  WebElement find(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  /** Fills the reservation form in, sends it, and waits for the order's page. */
  void order(CafeProcess cafe, String name) {
    go(cafe, "/");
    find("#Name").sendKeys(name);
    find("#People").sendKeys("3");
    find("#Message").sendKeys("by the window");
    typeDate();
    find("form button[type=submit]").click();
    wait(ExpectedConditions.urlContains("/orders/"));
  }

  /** By keys as a guest of this browser's country would: month, day, year, hour, minute. */
  private void typeDate() {
    find("#date").sendKeys("051720300730PM");
  }

  void awaitText(String selector, String text) {
    wait(ExpectedConditions.textToBe(By.cssSelector(selector), text));
  }

  private void wait(ExpectedCondition<?> condition) {
    new WebDriverWait(driver, LIMIT).until(condition);
  }

  /** Shows pages as a phone does, from now on. */
  void beAPhone(int width) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 740, "deviceScaleFactor", 2, "mobile", true));
  }

  /** What the browser complained about: scripts, styles and requests that it refused or lost. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(entry -> entry.getLevel() + " " + entry.getMessage())
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
