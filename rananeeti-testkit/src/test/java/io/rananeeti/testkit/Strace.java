package io.rananeeti.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program strace: shows a process's system calls, and makes some of them fail. */
final class Strace {

  private Strace() {}

  /** Ends the test with a line that says why if no process may be traced here. */
  static void assumePossible(String what) {
    LoopDisk.assumeProgram("strace", what);
    Command tried = Command.run(List.of("strace", "-qq", "-o", "/dev/null", "true"));
    LoopDisk.skipIf(tried.status() == 0 ? null : tried.output(), what);
  }

  /** A command that runs another one under it and writes its calls to a file. */
  static String[] command(Path output, String... options) {
    List<String> command =
        new ArrayList<>(List.of("strace", "-f", "-qq", "--seccomp-bpf", "-o", output.toString()));
    command.addAll(List.of(options));
    return command.toArray(String[]::new);
  }
}
