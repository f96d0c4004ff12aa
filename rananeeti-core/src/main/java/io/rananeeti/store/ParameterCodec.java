package io.rananeeti.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Turns values of a driver's own types (jsonb, intervals, geometry and the like) into a portable
 * form that the log can keep, and back. Stateless, thread-safe.
 *
 * <p>Portable means: read by a later release of the same store, with a later release of its driver.
 */
public interface ParameterCodec {

  /** Of a store whose driver has no types of its own. */
  ParameterCodec NONE =
      new ParameterCodec() {
        @Override
        public @Nullable Parameter encode(Object value, int sqlType) {
          return null;
        }

        @Override
        public Object decode(Parameter parameter) {
          throw new IllegalArgumentException("not of this store: " + parameter);
        }
      };

  /**
   * What is kept of a value that the application has set. Asked when it is set, since the
   * application may change the value, or free it, afterwards.
   *
   * @param value of any type that core does not know, {@link java.sql.Array} included
   * @param sqlType the JDBC type it was set with, {@link Parameter#UNTYPED} if none was
   * @return a parameter of kind {@code DRIVER}, or of any other kind by which the store sends the
   *     same to the database; null if it does not know the value
   * @throws SQLException if the value can't be read
   */
  @Nullable Parameter encode(Object value, int sqlType) throws SQLException;

  /**
   * A value to be set with {@code setObject}, new at each call, that reaches the database as the
   * one that was encoded.
   *
   * @param parameter of kind {@code DRIVER}
   * @throws SQLException if the driver refuses it
   */
  Object decode(Parameter parameter) throws SQLException;
}
