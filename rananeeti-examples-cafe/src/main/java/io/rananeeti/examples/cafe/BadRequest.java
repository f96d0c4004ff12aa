package io.rananeeti.examples.cafe;

/** A request that can't be understood at all: the status to answer, and a sentence for people. */
final class BadRequest extends Exception {

  private static final long serialVersionUID = 1;

  private final int status;

  BadRequest(int status, String sentence) {
    super(sentence);
    this.status = status;
  }

  int status() {
    return status;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
