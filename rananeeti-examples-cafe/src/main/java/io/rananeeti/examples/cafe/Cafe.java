package io.rananeeti.examples.cafe;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that opens the cafe, and closes it in order at SIGTERM or Ctrl-C. */
@Command(
    name = "cafe",
    description = "A cafe that takes orders while its database is dead.",
    sortOptions = false,
    footer = {
      "",
      "Each option can be given in the environment as well: CAFE_PORT, CAFE_DATA,",
      "CAFE_DATABASE_URL, CAFE_DATABASE_USER, CAFE_SHARED_LOG and so on. The password",
      "of that user is taken from CAFE_DATABASE_PASSWORD only, because others can see",
      "options; credentials of AWS are found as any AWS client finds them."
    })
final class Cafe implements Callable<Integer> {

  private static final Pattern IMPOSSIBLE_PORT =
      Pattern.compile(
          "^jdbc:postgresql://[^/?]*:(\\d{6,}|[7-9]\\d{4}|6[6-9]\\d{3}|65[6-9]\\d\\d|655[4-9]\\d|6553[6-9])([/?,]|$)");
  private static final int LAST_PORT = 65_535;
  private static final String PREFIX = "CAFE_";

  private final Map<String, String> environment;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "<port>",
      defaultValue = "8080",
      description = "Port on 127.0.0.1, 0 for any that is free. Default: 8080.")
  private int port;

  @Option(
      names = "--data",
      paramLabel = "<directory>",
      defaultValue = "cafe-data",
      description = "Where the database, the log and the orders are kept. Default: ./cafe-data.")
  private Path data = Path.of("cafe-data");

  @Option(
      names = "--database-url",
      paramLabel = "<url>",
      defaultValue = "",
      description =
          "A PostgreSQL of your own, which may be down: jdbc:postgresql://host:port/name."
              + " Default: an embedded one.")
  private String databaseUrl = "";

  @Option(
      names = "--database-user",
      paramLabel = "<user>",
      defaultValue = "",
      description = "The user of that database.")
  private String databaseUser = "";

  @Mixin private SharedLogOptions sharedLog = new SharedLogOptions();

  @Mixin private ReceiptsOptions receipts = new ReceiptsOptions();

  @Option(names = "--help", usageHelp = true, description = "Shows this, and ends.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  private Cafe(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Opens the cafe. */
  public static void main(String[] arguments) {
    System.exit(command(System.getenv()).execute(arguments));
  }

  /** The command, which runs until the cafe is closed. */
  static CommandLine command(Map<String, String> environment) {
    return new CommandLine(new Cafe(environment))
        .setDefaultValueProvider(from(environment))
        .setExecutionExceptionHandler(Cafe::explain);
  }

  private static IDefaultValueProvider from(Map<String, String> environment) {
    return argument ->
        argument instanceof OptionSpec option ? environment.get(variable(option)) : null;
  }

  private static String variable(OptionSpec option) {
    return PREFIX + option.longestName().substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
  }

  private static int explain(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (failure instanceof CafeException) {
      command.getErr().println(failure.getMessage());
      return 1;
    }
    throw failure;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (OpenCafe cafe = OpenCafe.open(settings())) {
      System.out.println("The cafe is open: " + cafe.address());
      cafe.awaitClosed();
    }
    return 0;
  }

  private CafeSettings settings() {
    if (port < 0 || port > LAST_PORT) {
      throw wrong("--port is 0 to " + LAST_PORT + ": " + port);
    }
    if (data.toString().isBlank()) {
      throw wrong("--data names a directory");
    }
    String complaint = sharedLog.complaint(!databaseUrl.isBlank());
    if (complaint != null) {
      throw wrong(complaint);
    }
    String ofReceipts = receipts.complaint();
    if (ofReceipts != null) {
      throw wrong(ofReceipts);
    }
    return new CafeSettings(port, data, ownDatabase(), sharedLog.settings(), receipts.settings());
  }

  private @Nullable OwnDatabase ownDatabase() {
    if (databaseUrl.isBlank()) {
      return null;
    }
    if (!databaseUrl.startsWith("jdbc:postgresql:")) {
      throw wrong("--database-url begins with jdbc:postgresql:");
    }
    if (IMPOSSIBLE_PORT.matcher(databaseUrl).find()) {
      throw wrong("--database-url has a port beyond " + LAST_PORT);
    }
    return new OwnDatabase(
        databaseUrl,
        databaseUser.isBlank() ? null : databaseUser,
        environment.get(PREFIX + "DATABASE_PASSWORD"));
  }

  private ParameterException wrong(String sentence) {
    CommandLine command = spec == null ? new CommandLine(this) : spec.commandLine();
    return new ParameterException(command, sentence);
  }
}
