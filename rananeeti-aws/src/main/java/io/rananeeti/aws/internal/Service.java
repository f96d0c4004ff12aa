package io.rananeeti.aws.internal;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;

/**
 * A service of AWS's, as JDBC and messages name it.
 *
 * @param name for people
 * @param version of its interface
 * @param driver the module that speaks to it
 */
public record Service(String name, String version, String driver) {

  /** A refusal of what JDBC knows and the store on this service does not. */
  public SQLException unsupported(String what) {
    return new SQLFeatureNotSupportedException(
        "the store on " + name + " does not have this: " + what, "0A000");
  }
}
