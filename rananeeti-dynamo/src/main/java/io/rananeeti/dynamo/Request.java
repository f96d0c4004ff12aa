package io.rananeeti.dynamo;

import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.InFlight.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;

/**
 * One request of {@code TransactWriteItems}, and which of its actions is what: DynamoDB says of
 * each by its place why it was not done. Used by one thread.
 */
final class Request {

  /** What an action is there for. */
  enum Role {
    LEDGER,
    REGISTRATION,
    REPLACEMENT,
    INTENT,
    NEVER,
    OPERATION
  }

  /**
   * One action.
   *
   * @param id the transaction it is about; null if it is about none
   * @param intentKey the key it takes, of an {@link Role#INTENT}; null for others
   * @param action the application's, of an {@link Role#OPERATION}; null for others
   */
  record Part(
      Role role,
      TransactWriteItem request,
      @Nullable TransactionId id,
      @Nullable String intentKey,
      @Nullable Action action) {

    static Part own(Role role, TransactWriteItem request, @Nullable TransactionId id) {
      return new Part(role, request, id, null, null);
    }

    static Part intent(TransactWriteItem request, TransactionId id, String key) {
      return new Part(Role.INTENT, request, id, key, null);
    }

    static Part operation(Action action) {
      return new Part(Role.OPERATION, action.request(), null, null, action);
    }
  }

  private final List<Part> parts;

  Request(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /**
   * Sends it.
   *
   * @throws Cancelled if DynamoDB says of its actions why they were not done
   */
  void send(Database database, Call call) throws Cancelled {
    List<TransactWriteItem> items = parts.stream().map(Part::request).toList();
    try {
      database.send(call, client -> client.transactWriteItems(r -> r.transactItems(items)));
    } catch (TransactionCanceledException e) {
      throw new Cancelled(parts, e.cancellationReasons());
    }
  }

  /** It was not done, and why. */
  static final class Cancelled extends Exception {

    private static final long serialVersionUID = 1;

    private final transient List<Part> parts;
    private final transient List<CancellationReason> reasons;

    Cancelled(List<Part> parts, List<CancellationReason> reasons) {
      super("cancelled");
      this.parts = parts;
      this.reasons = reasons;
    }

    /** What failed, in order; those of this role. */
    List<Reason> of(Role role) {
      List<Reason> found = new ArrayList<>();
      for (int i = 0; i < Math.min(parts.size(), reasons.size()); i++) {
        String code = String.valueOf(reasons.get(i).code());
        if (parts.get(i).role() == role && !code.equals("None")) {
          found.add(new Reason(parts.get(i), i, code, reasons.get(i)));
        }
      }
      return found;
    }

    /** The first action whose code begins like this; empty if there is none. */
    String code(String... beginnings) {
      for (CancellationReason reason : reasons) {
        for (String beginning : beginnings) {
          if (String.valueOf(reason.code()).startsWith(beginning)) {
            return String.valueOf(reason.code());
          }
        }
      }
      return "";
    }
  }

  /** Why one action was not done. */
  record Reason(Part part, int place, String code, CancellationReason reason) {

    boolean isUnmet() {
      return code.equals("ConditionalCheckFailed");
    }

    /** The item that stands there; empty if there is none. */
    Map<String, AttributeValue> item() {
      return reason.hasItem() ? reason.item() : Map.of();
    }
  }
}
