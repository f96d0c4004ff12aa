package io.rananeeti.internal.jdbc;

/** What all connections of one store share: the scanner, and what is known of statements. */
public final class Sessions {

  private final SqlScanner scanner = new SqlScanner();
  private final Promises promises = new Promises();

  SqlScanner scanner() {
    return scanner;
  }

  Promises promises() {
    return promises;
  }
}
