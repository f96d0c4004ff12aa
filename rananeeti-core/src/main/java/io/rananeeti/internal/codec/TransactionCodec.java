package io.rananeeti.internal.codec;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Context;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Part;
import io.rananeeti.store.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The part of the format that holds a transaction; drawn in {@link EntryDescriptor}. */
final class TransactionCodec {

  private TransactionCodec() {}

  static void write(CborWriter out, Transaction transaction) {
    String orderingKey = transaction.orderingKey();
    String traceParent = transaction.traceParent();
    TransactionId replaces = transaction.replaces();
    Intent intent = transaction.intent();
    int across = transaction.isAcrossStores() ? 1 : 0;
    out.map(
        5
            + present(orderingKey)
            + present(traceParent)
            + present(replaces)
            + present(intent)
            + across);
    writeId(out.integer(0), transaction.id());
    out.integer(1).text(transaction.store());
    writeOperations(out.integer(2), transaction.operations());
    writeContext(out.integer(3), transaction.context());
    if (orderingKey != null) {
      out.integer(4).text(orderingKey);
    }
    if (traceParent != null) {
      out.integer(5).text(traceParent);
    }
    writeInstant(out.integer(6), transaction.acceptedAt());
    if (replaces != null) {
      writeId(out.integer(7), replaces);
    }
    if (intent != null) {
      out.integer(8).array(2).text(intent.key()).bytes(HexFormat.of().parseHex(intent.digest()));
    }
    if (across > 0) {
      PartFormat.write(out.integer(9), transaction.before());
    }
  }

  static Transaction read(CborReader in) {
    TransactionId id = null;
    String store = null;
    List<Operation> operations = null;
    Context context = null;
    String orderingKey = null;
    String traceParent = null;
    Instant acceptedAt = null;
    TransactionId replaces = null;
    Intent intent = null;
    List<Part> before = List.of();
    for (int left = in.map(); left > 0; left--) {
      switch (in.int32()) {
        case 0 -> id = readId(in);
        case 1 -> store = in.text();
        case 2 -> operations = readOperations(in);
        case 3 -> context = readContext(in);
        case 4 -> orderingKey = in.text();
        case 5 -> traceParent = in.text();
        case 6 -> acceptedAt = readInstant(in);
        case 7 -> replaces = readId(in);
        case 8 -> intent = readIntent(in);
        case 9 -> before = PartFormat.read(in);
        default -> in.skip();
      }
    }
    return new Transaction(
        require(id, "id"),
        require(store, "store"),
        require(operations, "operations"),
        require(context, "context"),
        orderingKey,
        traceParent,
        require(acceptedAt, "accepted at"),
        replaces,
        intent,
        before);
  }

  private static Intent readIntent(CborReader in) {
    in.array(2);
    String key = in.text();
    return new Intent(key, HexFormat.of().formatHex(in.bytes()));
  }

  static void writeId(CborWriter out, TransactionId id) {
    out.array(2).uuid(id.incarnation()).integer(id.number());
  }

  static TransactionId readId(CborReader in) {
    in.array(2);
    UUID incarnation = in.uuid();
    return new TransactionId(incarnation, in.integer());
  }

  static void writeInstant(CborWriter out, Instant instant) {
    out.array(2).integer(instant.getEpochSecond()).integer(instant.getNano());
  }

  static Instant readInstant(CborReader in) {
    in.array(2);
    long second = in.integer();
    return Instant.ofEpochSecond(second, in.int32());
  }

  static <T> T require(@Nullable T value, String name) {
    if (value == null) {
      throw new CodecException("malformed entry: no " + name);
    }
    return value;
  }

  private static int present(@Nullable Object value) {
    return value == null ? 0 : 1;
  }

  private static void writeContext(CborWriter out, Context context) {
    String user = context.user();
    out.map(2 + present(user)).integer(0).integer(context.isolation().level());
    out.integer(1).array(2 * context.settings().size()).pairs(context.settings());
    if (user != null) {
      out.integer(2).text(user);
    }
  }

  private static Context readContext(CborReader in) {
    Isolation isolation = null;
    Map<String, String> settings = Map.of();
    String user = null;
    for (int left = in.map(); left > 0; left--) {
      switch (in.int32()) {
        case 0 -> isolation = Isolation.of(in.int32());
        case 1 -> settings = readSettings(in);
        case 2 -> user = in.text();
        default -> in.skip();
      }
    }
    return new Context(require(isolation, "isolation"), settings, user);
  }

  private static Map<String, String> readSettings(CborReader in) {
    int texts = in.array();
    if (texts % 2 != 0) {
      throw in.malformed("a setting without a value");
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (int left = texts; left > 0; left -= 2) {
      settings.put(in.text(), in.text());
    }
    return settings;
  }

  // Indexed loops: the log encodes under its lock, and shall make no garbage there.

  static void writeOperations(CborWriter out, List<Operation> operations) {
    out.array(operations.size());
    for (int i = 0; i < operations.size(); i++) {
      writeOperation(out, operations.get(i));
    }
  }

  /** The part of an operation that is the same whether it was run or recorded. */
  static void writeContent(CborWriter out, Operation operation) {
    out.map(3);
    writeGiven(out, operation);
  }

  private static void writeGiven(CborWriter out, Operation operation) {
    out.integer(0).text(operation.sql());
    out.integer(1).bool(operation.prepared());
    writeRows(out.integer(2), operation.rows());
  }

  private static void writeOperation(CborWriter out, Operation operation) {
    List<List<Parameter>> answered = operation.answered();
    out.map(4 + present(answered));
    writeGiven(out, operation);
    writePromised(out.integer(3), operation.promised());
    if (answered != null) {
      writeRows(out.integer(4), answered);
    }
  }

  private static void writeRows(CborWriter out, List<List<Parameter>> rows) {
    out.array(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      writeRow(out, rows.get(i));
    }
  }

  private static void writeRow(CborWriter out, List<Parameter> row) {
    out.array(row.size());
    for (int i = 0; i < row.size(); i++) {
      ParameterFormat.write(out, row.get(i));
    }
  }

  private static void writePromised(CborWriter out, List<Long> promised) {
    out.array(promised.size());
    for (int i = 0; i < promised.size(); i++) {
      out.integer(promised.get(i));
    }
  }

  static List<Operation> readOperations(CborReader in) {
    List<Operation> operations = new ArrayList<>();
    for (int left = in.array(); left > 0; left--) {
      operations.add(readOperation(in));
    }
    return operations;
  }

  private static Operation readOperation(CborReader in) {
    String sql = null;
    Boolean prepared = null;
    List<List<Parameter>> rows = null;
    List<Long> promised = null;
    List<List<Parameter>> answered = null;
    for (int left = in.map(); left > 0; left--) {
      switch (in.int32()) {
        case 0 -> sql = in.text();
        case 1 -> prepared = in.bool();
        case 2 -> rows = readRows(in);
        case 3 -> promised = readPromised(in);
        case 4 -> answered = readRows(in);
        default -> in.skip();
      }
    }
    return new Operation(
        require(sql, "sql"),
        require(prepared, "prepared"),
        require(rows, "rows"),
        require(promised, "promised"),
        answered);
  }

  private static List<List<Parameter>> readRows(CborReader in) {
    List<List<Parameter>> rows = new ArrayList<>();
    for (int left = in.array(); left > 0; left--) {
      rows.add(readRow(in));
    }
    return rows;
  }

  private static List<Parameter> readRow(CborReader in) {
    List<Parameter> row = new ArrayList<>();
    for (int left = in.array(); left > 0; left--) {
      row.add(ParameterFormat.read(in));
    }
    return row;
  }

  private static List<Long> readPromised(CborReader in) {
    List<Long> promised = new ArrayList<>();
    for (int left = in.array(); left > 0; left--) {
      promised.add(in.integer());
    }
    return promised;
  }
}
