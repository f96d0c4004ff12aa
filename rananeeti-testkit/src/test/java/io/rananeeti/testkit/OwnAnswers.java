package io.rananeeti.testkit;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The methods of JDBC that the platform answers by itself, by name or by signature, and why they
 * reach no method of the driver of that name with those arguments.
 */
final class OwnAnswers {

  private static final String LITERALS = "JDBC's own default: it asks nobody";
  private static final String KEPT = "kept by the platform for whichever physical connection comes";
  private static final String RECORDED_FORM =
      "given to the driver in the form in which the log keeps it, and can set it again";

  static final Map<String, String> OF_CONNECTION =
      Map.ofEntries(
          Map.entry("commit", "the ledger's row goes with COMMIT, as a pair"),
          Map.entry("setSavepoint", "run as its text, so that it survives a broken connection"),
          Map.entry("rollback(Savepoint)", "run as its text"),
          Map.entry("releaseSavepoint", "run as its text"),
          Map.entry("setSchema", "SET search_path, remembered and undone as the text is"),
          Map.entry("setClientInfo", "SET application_name, or a name of the platform's"),
          Map.entry("getClientInfo()", "its own, and the driver's ApplicationName"),
          Map.entry("getClientInfo(String)", "its own, and the driver's ApplicationName"),
          Map.entry("getAutoCommit", KEPT),
          Map.entry("isReadOnly", KEPT),
          Map.entry("getHoldability", KEPT),
          Map.entry("setHoldability", "set around the creation of a statement only"),
          Map.entry("getNetworkTimeout", KEPT),
          Map.entry("setNetworkTimeout", "with an executor of its own; pgjdbc uses none"),
          Map.entry("getTypeMap", "always empty: setTypeMap refuses others"),
          Map.entry("setTypeMap", "refused by name, it would stay for the next user of the pool"),
          Map.entry(
              "getMetaData", "asked for with each question, on whichever connection there is"),
          Map.entry("createArrayOf", "made without a store, and by the driver when it is sent"),
          Map.entry("isClosed", "the platform's connection outlives the physical ones"),
          Map.entry("isValid", "whether the platform takes work"),
          Map.entry("abort", "aborts the physical connection with an executor of its own"),
          Map.entry("enquoteLiteral", LITERALS),
          Map.entry("enquoteIdentifier", LITERALS),
          Map.entry("enquoteNCharLiteral", LITERALS),
          Map.entry("isSimpleIdentifier", LITERALS),
          Map.entry("beginRequest", LITERALS),
          Map.entry("endRequest", LITERALS),
          Map.entry("setShardingKey", "JDBC's own default: it is not supported"),
          Map.entry("setShardingKeyIfValid", "JDBC's own default: it is not supported"));

  static final Map<String, String> OF_STATEMENT =
      Map.ofEntries(
          Map.entry("getConnection", "the platform's"),
          Map.entry("isClosed", "the platform's statement outlives the driver's"),
          Map.entry("getUpdateCount", "from getLargeUpdateCount, kept after the transaction"),
          Map.entry("clearBatch", "the batch is kept here until it is run"),
          Map.entry("enquoteLiteral", LITERALS),
          Map.entry("enquoteIdentifier", LITERALS),
          Map.entry("enquoteNCharLiteral", LITERALS),
          Map.entry("isSimpleIdentifier", LITERALS));

  static final Map<String, String> OF_PREPARED_STATEMENT =
      Map.of("setBlob(int,Blob)", RECORDED_FORM, "setSQLXML(int,SQLXML)", RECORDED_FORM);

  static final Map<String, String> OF_CALLABLE_STATEMENT = Map.of();

  static final Map<String, String> OF_RESULT_SET =
      Map.of("getStatement", "the platform's statement");

  static final Map<String, String> OF_DATABASE_META_DATA =
      Map.of("getConnection", "the platform's connection");

  /** What reaches a physical connection only where one is bound. */
  static final Set<String> WITHIN_TRANSACTION =
      Set.of("getWarnings", "clearWarnings", "rollback", "close");

  /** Numbers that are not just any. */
  static final Map<String, Integer> NUMBERS =
      Map.of(
          "setTransactionIsolation", Connection.TRANSACTION_SERIALIZABLE,
          "setFetchDirection", java.sql.ResultSet.FETCH_REVERSE);

  private OwnAnswers() {}

  static String signature(Method method) {
    return Arrays.stream(method.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(Collectors.joining(",", method.getName() + "(", ")"));
  }
}
