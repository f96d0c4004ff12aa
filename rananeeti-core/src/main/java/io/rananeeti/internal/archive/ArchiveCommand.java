package io.rananeeti.internal.archive;

import io.rananeeti.TransactionId;
import io.rananeeti.internal.JsonLine;
import io.rananeeti.internal.codec.ArchiveCodec.Item;
import io.rananeeti.internal.codec.ArchiveIndex;
import io.rananeeti.internal.codec.ArchiveName;
import io.rananeeti.log.ArchiveStorage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Lists, reads and checks an archive from the command line; prints lines of JSON. Needs nothing but
 * the jar of the core, and for {@code s3://} that of its provider with what this needs.
 */
public final class ArchiveCommand {

  private static final String USAGE =
      """
      archive list   <location> [--platform NAME] [--log ID]
      archive read   <location> [--platform NAME] [--log ID] [--from TIME] [--to TIME]
                     [--id TRANSACTION] [--ordering-key KEY] [--entry NUMBER] [--show-parameters]
      archive verify <location> [--platform NAME] [--log ID]

      location: a directory, or s3://bucket/prefix with rananeeti-s3 on the class path
      times:    as 2026-01-31T12:00:00Z; from this moment, and before that one
      """;

  private static final int DONE = 0;
  private static final int FAILED = 1;
  private static final int MISUSED = 2;
  private static final String SHOW = "--show-parameters";
  private static final Set<String> WHICH = Set.of("--platform", "--log");
  private static final Set<String> WHAT =
      Set.of("--from", "--to", "--id", "--ordering-key", "--entry");

  private final PrintStream out;
  private final PrintStream err;

  /** Prints to these. */
  public ArchiveCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** As from a shell. */
  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    int result = new ArchiveCommand(out, System.err).run(List.of(arguments));
    out.flush();
    System.exit(result);
  }

  /**
   * Runs it.
   *
   * @return 0; 1 if something could not be read, is damaged or missing; 2 if nobody knows what was
   *     meant
   */
  public int run(List<String> arguments) {
    try {
      return run(new Arguments(arguments));
    } catch (IllegalArgumentException | DateTimeException misused) {
      err.println(misused.getMessage());
      err.print(USAGE);
      return MISUSED;
    } catch (IOException failure) {
      out.flush();
      err.println(failure.getMessage());
      return FAILED;
    }
  }

  private int run(Arguments arguments) throws IOException {
    try (ArchiveStorage storage = ArchiveLocation.open(arguments.location())) {
      ArchiveReader reader = new ArchiveReader(storage);
      return switch (arguments.command()) {
        case "list" -> list(reader, arguments);
        case "read" -> read(reader, arguments);
        case "verify" -> verify(reader, arguments);
        default -> throw new IllegalArgumentException("unknown: " + arguments.command());
      };
    }
  }

  private int list(ArchiveReader reader, Arguments arguments) throws IOException {
    Gaps gaps = new Gaps();
    each(
        reader,
        arguments,
        name -> {
          gaps.before(name);
          out.println(JsonLine.write(described(reader.index(name))));
        });
    return gaps.any ? FAILED : DONE;
  }

  private static Map<String, Object> described(ArchiveIndex index) {
    Map<String, Object> line = new LinkedHashMap<>();
    ArchiveName name = index.name();
    line.put("object", index.dataName());
    line.put("platform", name.platform());
    line.put("log", name.log());
    line.put("incarnation", name.incarnation());
    line.put("first", name.first());
    line.put("last", name.last());
    if (index.from() != null && index.to() != null) {
      line.put("from", index.from());
      line.put("to", index.to());
    }
    index.kinds().forEach((kind, count) -> line.put("kind." + kind, count));
    line.put("bytes", index.data().bytes());
    line.put("sha256", index.data().sha256());
    line.put("contentBytes", index.data().contentBytes());
    line.put("contentSha256", index.data().contentSha256());
    return line;
  }

  private int read(ArchiveReader reader, Arguments arguments) throws IOException {
    ArchiveQuery query = arguments.query();
    boolean values = arguments.flags.contains(SHOW);
    Map<List<Object>, Long> printed = new HashMap<>();
    each(
        reader,
        arguments,
        name -> {
          ArchiveIndex index = reader.index(name);
          List<Object> log = List.of(name.platform(), name.log(), name.incarnation());
          long behind = printed.getOrDefault(log, 0L);
          if (name.last() > behind && query.mayBeIn(index)) {
            read(reader, index, behind, query, values);
          }
          printed.merge(log, name.last(), Math::max);
        });
    return DONE;
  }

  /**
   * An entry that two objects hold, because one begins in the middle of the other, is shown once.
   */
  private void read(
      ArchiveReader reader, ArchiveIndex index, long behind, ArchiveQuery query, boolean values)
      throws IOException {
    ArchiveReader.Action<Item> print =
        item -> {
          if (item.sequence() > behind && query.wants(item)) {
            out.println(EntryJson.of(item, values));
          }
        };
    Long entry = query.entry();
    if (entry == null) {
      reader.read(index, print);
    } else {
      reader.read(index, entry, print);
    }
  }

  private int verify(ArchiveReader reader, Arguments arguments) throws IOException {
    Gaps gaps = new Gaps();
    List<ArchiveName> damaged = new ArrayList<>();
    each(
        reader,
        arguments,
        name -> {
          gaps.before(name);
          String problem = problem(reader, name);
          Map<String, Object> line = new LinkedHashMap<>();
          line.put("object", name.index());
          line.put("first", name.first());
          line.put("last", name.last());
          line.put("verified", problem == null ? "true" : "false");
          if (problem != null) {
            line.put("problem", problem);
            damaged.add(name);
          }
          out.println(JsonLine.write(line));
        });
    return gaps.any || !damaged.isEmpty() ? FAILED : DONE;
  }

  private static @Nullable String problem(ArchiveReader reader, ArchiveName name) {
    try {
      ArchiveIndex index = reader.index(name);
      Map<String, Long> kinds = new HashMap<>();
      reader.read(index, item -> kinds.merge(item.kind(), 1L, Long::sum));
      return kinds.equals(index.kinds()) ? null : "other kinds than the index says: " + kinds;
    } catch (IOException failure) {
      return String.valueOf(failure.getMessage());
    }
  }

  private static void each(
      ArchiveReader reader, Arguments arguments, ArchiveReader.Action<ArchiveName> action)
      throws IOException {
    String platform = arguments.values.get("--platform");
    String log = arguments.values.get("--log");
    UUID id = log == null ? null : UUID.fromString(log);
    reader.names(
        platform == null ? "" : platform + "/",
        name -> {
          if (id == null || id.equals(name.log())) {
            action.with(name);
          }
        });
  }

  /** Finds what is missing between objects of one log. */
  private final class Gaps {

    private final Map<UUID, Long> next = new HashMap<>();
    private boolean any;

    private void before(ArchiveName name) {
      Long expected = next.get(name.log());
      if (expected != null && name.first() > expected) {
        any = true;
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("missing", "true");
        line.put("log", name.log());
        line.put("first", expected);
        line.put("last", name.first() - 1);
        out.println(JsonLine.write(line));
      }
      next.merge(name.log(), name.last() + 1, Math::max);
    }
  }

  /** What was asked for. */
  private static final class Arguments {

    private final List<String> words = new ArrayList<>();
    private final Map<String, String> values = new HashMap<>();
    private final List<String> flags = new ArrayList<>();

    private Arguments(List<String> given) {
      for (int i = 0; i < given.size(); i++) {
        String word = given.get(i);
        if (word.equals(SHOW)) {
          flags.add(word);
        } else if (WHICH.contains(word) || WHAT.contains(word)) {
          if (++i == given.size()) {
            throw new IllegalArgumentException(word + " needs a value");
          }
          values.put(word, given.get(i));
        } else if (word.startsWith("--")) {
          throw new IllegalArgumentException("unknown: " + word);
        } else {
          words.add(word);
        }
      }
      if (!words.isEmpty() && words.get(0).equals("archive")) {
        words.remove(0);
      }
      if (words.size() != 2) {
        throw new IllegalArgumentException("a command and a location are needed");
      }
      if (!command().equals("read") && (!flags.isEmpty() || !WHICH.containsAll(values.keySet()))) {
        throw new IllegalArgumentException(
            "%s shows no entries: it takes %s only".formatted(command(), WHICH));
      }
    }

    private String command() {
      return words.get(0);
    }

    private String location() {
      return words.get(1);
    }

    private ArchiveQuery query() {
      String from = values.get("--from");
      String to = values.get("--to");
      String id = values.get("--id");
      String entry = values.get("--entry");
      return new ArchiveQuery(
          from == null ? null : Instant.parse(from),
          to == null ? null : Instant.parse(to),
          id == null ? null : TransactionId.parse(id),
          values.get("--ordering-key"),
          entry == null ? null : Long.valueOf(entry));
    }
  }
}
