package io.rananeeti.internal.codec;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Part;
import java.util.ArrayList;
import java.util.List;

/** What a transaction has for other stores; drawn in {@link EntryDescriptor}. */
final class PartFormat {

  private PartFormat() {}

  static void write(CborWriter out, List<Part> parts) {
    out.array(parts.size());
    for (Part part : parts) {
      out.map(part.formerly().isEmpty() ? 2 : 3);
      out.integer(0).text(part.store());
      TransactionCodec.writeOperations(out.integer(1), part.operations());
      if (!part.formerly().isEmpty()) {
        out.integer(2).array(part.formerly().size());
        part.formerly().forEach(id -> TransactionCodec.writeId(out, id));
      }
    }
  }

  static List<Part> read(CborReader in) {
    List<Part> parts = new ArrayList<>();
    for (int left = in.array(); left > 0; left--) {
      parts.add(readPart(in));
    }
    return parts;
  }

  private static Part readPart(CborReader in) {
    String store = null;
    List<Operation> operations = null;
    List<TransactionId> formerly = new ArrayList<>();
    for (int left = in.map(); left > 0; left--) {
      switch (in.int32()) {
        case 0 -> store = in.text();
        case 1 -> operations = TransactionCodec.readOperations(in);
        case 2 -> {
          for (int ids = in.array(); ids > 0; ids--) {
            formerly.add(TransactionCodec.readId(in));
          }
        }
        default -> in.skip();
      }
    }
    return new Part(
        TransactionCodec.require(store, "store of a part"),
        TransactionCodec.require(operations, "operations of a part"),
        formerly);
  }
}
