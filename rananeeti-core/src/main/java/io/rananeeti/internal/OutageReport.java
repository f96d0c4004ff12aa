package io.rananeeti.internal;

import io.rananeeti.OutageAudit;
import io.rananeeti.OutageAudit.Finding;
import io.rananeeti.OutageAudit.Kind;
import io.rananeeti.internal.time.JvmEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what an audit has found: as text at one look, as JSON, and both to files when the platform
 * is closed or, where nobody closes it, when the JVM ends.
 */
final class OutageReport implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OutageReport.class);
  private static final int WIDEST = 100;

  /** Where this JVM has written, or is going to: a second platform does not replace the first. */
  private static final Set<Path> TAKEN = ConcurrentHashMap.newKeySet();

  private final String platform;
  private final OutageAudit audit;
  private final Path prefix;
  private final JvmEnd atJvmEnd;

  /**
   * Begins to wait for the end.
   *
   * @param path a directory, or what the files' names begin with
   */
  OutageReport(String platform, OutageAudit audit, Path path) {
    this.platform = platform;
    this.audit = audit;
    this.prefix = free(Files.isDirectory(path) ? path.resolve("outage-audit-" + platform) : path);
    this.atJvmEnd = JvmEnd.run(platform + "-outage-audit", this::write);
  }

  private static Path free(Path wanted) {
    Path free = wanted.toAbsolutePath().normalize();
    for (int i = 2; !TAKEN.add(free); i++) {
      free = Path.of(wanted.toAbsolutePath().normalize() + "-" + i);
    }
    return free;
  }

  @Override
  public void close() {
    atJvmEnd.forget();
    write();
  }

  private void write() {
    try {
      Path directory = prefix.toAbsolutePath().getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      Files.writeString(Path.of(prefix + ".txt"), audit.text());
      Files.writeString(Path.of(prefix + ".json"), audit.json());
      LOG.info(
          "{}: outage audit: {} findings in {}.txt", platform, audit.findings().size(), prefix);
    } catch (IOException e) {
      LOG.warn("{}: the outage audit can't be written to {}", platform, prefix, e);
    }
  }

  static String text(String platform, OutageAudit audit, Predicate<Finding> which) {
    List<Finding> findings = audit.findings().stream().filter(which).toList();
    StringBuilder out = new StringBuilder();
    out.append(
        "Outage audit of platform %s: %d statements run, %d findings%n"
            .formatted(platform, audit.statements(), findings.size()));
    if (audit.leftOut() > 0) {
      out.append("  and %d sightings of more, left out%n".formatted(audit.leftOut()));
    }
    for (Kind kind : Kind.values()) {
      List<Finding> ofKind = findings.stream().filter(each -> each.kind() == kind).toList();
      if (!ofKind.isEmpty()) {
        out.append("%n%s: %d%n".formatted(kind.words(), ofKind.size()));
        ofKind.forEach(finding -> append(finding, out));
      }
    }
    return out.toString();
  }

  private static void append(Finding finding, StringBuilder out) {
    out.append("%n%7s  %s%n".formatted(finding.count() + " x", shortened(finding.statement())));
    out.append("   why:   %s; %s%n".formatted(finding.reason(), finding.where().words()));
    out.append("   where: %s%n".formatted(place(finding)));
    out.append("   works: %s%n".formatted(finding.advice()));
  }

  private static String place(Finding finding) {
    return finding.place().isEmpty()
        ? "no code of the application is in the stack"
        : String.join(System.lineSeparator() + "          ", finding.place());
  }

  private static String shortened(String statement) {
    return statement.length() <= WIDEST ? statement : statement.substring(0, WIDEST - 3) + "...";
  }

  static String json(String platform, OutageAudit audit) {
    StringBuilder out = new StringBuilder("{\"platform\":");
    JsonLine.quote(platform, out);
    out.append(",\"statements\":").append(audit.statements());
    out.append(",\"leftOut\":").append(audit.leftOut());
    out.append(",\"findings\":[");
    List<String> findings = new ArrayList<>();
    audit.findings().forEach(finding -> findings.add(json(finding)));
    return out.append(String.join(",", findings)).append("]}\n").toString();
  }

  private static String json(Finding finding) {
    StringBuilder out = new StringBuilder("\n{\"kind\":");
    JsonLine.quote(finding.kind().name(), out);
    member("where", finding.where().name(), out);
    member("store", finding.store(), out);
    member("statement", finding.statement(), out);
    member("reason", finding.reason(), out);
    member("advice", finding.advice(), out);
    out.append(",\"place\":[");
    for (int i = 0; i < finding.place().size(); i++) {
      out.append(i == 0 ? "" : ",");
      JsonLine.quote(finding.place().get(i), out);
    }
    return out.append("],\"count\":").append(finding.count()).append('}').toString();
  }

  private static void member(String name, String value, StringBuilder out) {
    out.append(",\"").append(name).append("\":");
    JsonLine.quote(value, out);
  }
}
