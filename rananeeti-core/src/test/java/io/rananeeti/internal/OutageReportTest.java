package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.rananeeti.OutageAudit.Finding;
import io.rananeeti.OutageAudit.Kind;
import io.rananeeti.OutageAudit.Where;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutageReportTest {

  private final OutageFindings findings = new OutageFindings("shop");

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  OutageReportTest() {}

  @Test
  void theSameFindingIsCountedAndTheMostFrequentOfAKindComesFirst() {
    findings.ran();
    findings.ran();
    findings.add(finding(Kind.NOT_REPLAYABLE, "SELECT a"));
    findings.add(finding(Kind.DETACHED_REFUSED, "SELECT a"));
    findings.add(finding(Kind.DETACHED_REFUSED, "SELECT b"));
    findings.add(finding(Kind.DETACHED_REFUSED, "SELECT b"));

    assertThat(findings.findings())
        .extracting(Finding::statement, Finding::count)
        .containsExactly(tuple("SELECT b", 2L), tuple("SELECT a", 1L), tuple("SELECT a", 1L));
    assertThat(findings.text())
        .startsWith("Outage audit of platform shop: 2 statements run, 3 findings")
        .contains("refused in an outage (55R01): 2")
        .contains("    2 x  SELECT b")
        .contains("where: com.acme.Shop.order(Shop.java:42)")
        .contains("works: read before");

    findings.clear();
    assertThat(findings.findings()).isEmpty();
    assertThat(findings.statements()).isZero();
  }

  @Test
  void otherProgramsReadIt() throws Exception {
    findings.ran();
    findings.add(finding(Kind.CALL_REFUSED, "a \"quoted\"\n\\ statement"));

    JsonNode report = new ObjectMapper().readTree(findings.json());

    assertThat(report.get("platform").textValue()).isEqualTo("shop");
    assertThat(report.get("statements").longValue()).isEqualTo(1);
    JsonNode found = report.get("findings").get(0);
    assertThat(found.get("statement").textValue()).isEqualTo("a \"quoted\"\n\\ statement");
    assertThat(found.get("kind").textValue()).isEqualTo("CALL_REFUSED");
    assertThat(found.get("where").textValue()).isEqualTo("WRITING");
    assertThat(found.get("place")).hasSize(2);
    assertThat(found.get("count").longValue()).isEqualTo(1);
  }

  @Test
  void theFilesAreWrittenBesideEachOtherOrIntoADirectory() throws Exception {
    findings.ran();

    new OutageReport("shop", findings, directory).close();
    new OutageReport("shop", findings, directory.resolve("new").resolve("report")).close();

    for (String name : List.of("outage-audit-shop", "new/report")) {
      assertThat(Files.readString(directory.resolve(name + ".txt"))).isEqualTo(findings.text());
      assertThat(Files.readString(directory.resolve(name + ".json"))).isEqualTo(findings.json());
    }
  }

  private static Finding finding(Kind kind, String statement) {
    return new Finding(
        kind,
        Where.WRITING,
        "orders",
        statement,
        "a query needs the store",
        "read before",
        List.of("com.acme.Shop.order(Shop.java:42)", "com.acme.Shop.main(Shop.java:7)"),
        0);
  }
}
