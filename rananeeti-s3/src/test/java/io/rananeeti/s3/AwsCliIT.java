package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Another's client reads what was written; skipped where there is no aws-cli. */
@SuppressWarnings("NullAway")
class AwsCliIT extends S3Fixture {

  @Test
  void awsCliReadsWhatWasWrittenWithItsStorageClass() throws Exception {
    assumeThat(isThere()).as("aws-cli is on the path").isTrue();
    open();
    PutObject put = addressed("soup").contentType("text/plain").metadata("table", "7");
    run(put);

    String said = aws("head-object", "--checksum-mode", "ENABLED", "--key", put.key());
    Path file = directory.resolve("soup");
    aws("get-object", "--key", put.key(), file.toString());

    assertThat(said.replaceAll("\\s", ""))
        .contains("\"StorageClass\":\"INTELLIGENT_TIERING\"")
        .contains("\"ContentType\":\"text/plain\"")
        .contains("\"table\":\"7\"")
        .contains(Digest.base64(Digest.hex(bytes("soup"))));
    assertThat(file).hasContent("soup");
  }

  private static boolean isThere() throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder("aws", "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(STALL.toSeconds(), TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  private String aws(String verb, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("aws", "--endpoint-url", server().endpoint().toString(), "s3api", verb));
    command.addAll(List.of("--bucket", bucket));
    command.addAll(List.of(options));
    Path output = directory.resolve(verb + ".out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "AWS_ACCESS_KEY_ID", server().accessKey(),
                "AWS_SECRET_ACCESS_KEY", server().secretKey(),
                "AWS_DEFAULT_REGION", server().region(),
                "AWS_EC2_METADATA_DISABLED", "true"));
    Process process = builder.start();
    assertThat(process.waitFor(STALL.toSeconds(), TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(output);
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }
}
