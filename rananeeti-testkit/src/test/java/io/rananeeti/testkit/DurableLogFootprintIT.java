package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a process with a log touches beside it: no network, and no other file. */
final class DurableLogFootprintIT {

  private static final String CALLS =
      "trace=connect,bind,listen,sendto,sendmsg,open,openat,creat,mkdir,mkdirat,rename,renameat,link,linkat,"
          + "symlink,symlinkat,mknod,mknodat";

  /** The JDK asks for a socket of each family and closes it, to know which there are. */
  private static final Pattern NETWORK = Pattern.compile("AF_INET|\\b(listen|sendto|sendmsg)\\(");

  private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");
  private static final Pattern MAKES =
      Pattern.compile("O_CREAT|\\b(creat|mkdir|mkdirat|rename|link|symlink|mknod)[a-z]*\\(");

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  DurableLogFootprintIT() {}

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void opensNoSocketAndWritesToItsDirectoryOnly(StorageKind kind) throws Exception {
    Strace.assumePossible("what a log touches beside its directory");
    Path home = Files.createDirectory(directory.resolve("home"));
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    Path log = directory.resolve("log");
    Path trace = directory.resolve("trace");
    ChildLog.Task task =
        ChildLog.Task.of(kind, log)
            .with(2, 20, 600)
            .in(Strace.command(trace, "-e", CALLS))
            .flags("-Duser.home=" + home, "-Djava.io.tmpdir=" + temporary, "-XX:-UsePerfData");

    try (ChildLog child = ChildLog.start(task, 0, new Written())) {
      child.await("waiting", line -> assertThat(line).startsWith("first append"));
      child.end();
    }

    List<String> calls = Files.readAllLines(trace, StandardCharsets.ISO_8859_1);
    assertThat(calls).anyMatch(call -> MAKES.matcher(call).find() && call.contains(log.toString()));
    assertThat(calls.stream().filter(call -> NETWORK.matcher(call).find())).isEmpty();
    assertThat(calls.stream().filter(call -> makesElsewhere(call, log, temporary))).isEmpty();
    assertThat(home).isEmptyDirectory();
    assertThat(temporary).isEmptyDirectory();
  }

  private static boolean makesElsewhere(String call, Path log, Path temporary) {
    Matcher path = QUOTED.matcher(call);
    return MAKES.matcher(call).find()
        && path.find()
        && !path.group(1).startsWith(log.toString())
        && !path.group(1).startsWith(temporary.toString());
  }
}
