package io.rananeeti.testkit.simulation;

import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction of a client did, and what the client was told.
 *
 * @param work what it tried
 * @param node of which platform
 * @param client of that platform
 * @param begun its place in the history
 * @param committing the place of its call of commit; of its beginning, if there was none
 * @param ended the place of its end
 * @param receipt null if there was an error
 * @param error SQLSTATE; empty if there was none; {@value #DIED} if the process died meanwhile
 * @param id as the receipt or an 08007 says; null if neither
 * @param read what it has read of its list
 */
public record Told(
    Work work,
    String node,
    int client,
    long begun,
    long committing,
    long ended,
    Receipt.@Nullable Status receipt,
    String error,
    @Nullable TransactionId id,
    @Nullable List<String> read) {

  static final String DIED = "died";

  /** Whether nobody can say what became of it by what it was told. */
  boolean isAmbiguous() {
    return error.equals(DIED) || error.equals("08007");
  }

  /** Those with the same lane on the same node are one sequence (D2). */
  String lane() {
    return node + "/" + work.key();
  }
}
